import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { Interval } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { linear, niceTicks } from "@/lib/scales";
import classes from "./Charts.module.css";
import { domainOf } from "./Interval";

export interface TrendPoint {
  /** Milliseconds. */
  at: number;
  label: string;
  interval: Interval;
  /** A second figure, drawn as a dashed line; null where there is none. */
  other: number | null;
}

export interface TrendChartProps {
  title: string;
  points: readonly TrendPoint[];
  names: { interval: string; other: string };
}

const MARGIN = { top: 10, right: 20, bottom: 26, left: 46 } as const;
const HEIGHT = 220;
const LABEL_WIDTH = 76;

/** A share over time with its interval as a band, and a second figure beside it. */
export function TrendChart({ title, points, names }: TrendChartProps) {
  const { i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const inner = Math.max(width, 240);
  const times = points.map((point) => point.at);
  const x = linear([Math.min(...times), Math.max(...times)], [MARGIN.left + 6, inner - MARGIN.right]);
  const others = points.flatMap((point) => (point.other === null ? [] : [point.other]));
  const domain = domainOf([
    ...points.map((point) => point.interval),
    ...others.map((value) => ({ value, low: value, high: value, n: 0 })),
  ]);
  const y = linear(domain, [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const place = (at: number, value: number) =>
    `${x(at).toFixed(1)},${y(Math.max(domain[0], Math.min(domain[1], value))).toFixed(1)}`;
  const band = [
    ...points.map((point) => place(point.at, point.interval.high)),
    ...[...points].reverse().map((point) => place(point.at, point.interval.low)),
  ];
  const every = Math.max(1, Math.ceil((points.length * LABEL_WIDTH) / (inner - MARGIN.left)));
  return (
    <figure className={classes.figure} ref={ref}>
      <svg role="img" aria-label={title} width={inner} height={HEIGHT} className={classes.svg}>
        {niceTicks(domain[0], domain[1]).map((tick) => (
          <g key={tick}>
            <line className={classes.grid} x1={MARGIN.left} x2={inner - 8} y1={y(tick)} y2={y(tick)} />
            <text className={classes.tick} x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatPercent(tick, i18n.language)}
            </text>
          </g>
        ))}
        {points.map((point, index) =>
          (points.length - 1 - index) % every === 0 ? (
            <text
              key={point.at}
              className={classes.tick}
              x={x(point.at)}
              y={HEIGHT - 6}
              textAnchor={index === points.length - 1 ? "end" : "middle"}
            >
              {point.label}
            </text>
          ) : null,
        )}
        <polygon className={classes.band} points={band.join(" ")} />
        <polyline
          className={`${classes.line} ${classes.main}`}
          points={points.map((point) => place(point.at, point.interval.value)).join(" ")}
        />
        <polyline
          className={`${classes.line} ${classes.second}`}
          points={points
            .flatMap((point) => (point.other === null ? [] : [place(point.at, point.other)]))
            .join(" ")}
        />
        {points.map((point) => (
          <circle
            key={point.at}
            className={classes.point}
            cx={x(point.at)}
            cy={y(Math.max(domain[0], point.interval.value))}
            r="4"
          />
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span className={classes.key}>
          <svg aria-hidden="true" width="22" height="12">
            <rect className={classes.band} width="22" height="12" rx="3" />
            <line className={`${classes.line} ${classes.main}`} x1="0" x2="22" y1="6" y2="6" />
          </svg>
          {names.interval}
        </span>
        {others.length > 0 ? (
          <span className={classes.key}>
            <svg aria-hidden="true" width="22" height="12">
              <line className={`${classes.line} ${classes.second}`} x1="0" x2="22" y1="6" y2="6" />
            </svg>
            {names.other}
          </span>
        ) : null}
      </figcaption>
    </figure>
  );
}
