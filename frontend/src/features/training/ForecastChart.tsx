import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { ForecastCurve, ForecastTold } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { linear, niceTicks } from "@/lib/scales";
import classes from "./ForecastCard.module.css";

const MARGIN = { top: 18, right: 14, bottom: 36, left: 46 } as const;
const HEIGHT = 240;
const LABEL_WIDTH = 90;

interface ForecastChartProps {
  curve: ForecastCurve;
  points: ForecastTold["points"];
  labelsNow: number;
  target: number;
}

/** The learning curve with its margin, what was measured, the wanted accuracy, and where the project stands. */
export function ForecastChart({ curve, points, labelsNow, target }: ForecastChartProps) {
  const { t, i18n } = useTranslation("training");
  const { ref, width } = useElementSize();
  const inner = Math.max(width, 260);
  const first = Math.min(...curve.labels, ...points.map((point) => point.labels));
  const last = Math.max(...curve.labels, ...points.map((point) => point.labels));
  const lowest = Math.min(...curve.accuracy_low, ...points.map((point) => point.low), target);
  const bottom = Math.max(0, Math.floor(lowest * 10) / 10);
  const x = linear([first, last], [MARGIN.left, inner - MARGIN.right]);
  const y = linear([bottom, 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const place = (index: number, share: number | undefined) =>
    `${x(curve.labels[index] ?? 0).toFixed(1)},${y(share ?? 0).toFixed(1)}`;
  const steps = curve.labels.map((_, index) => index);
  const band = [
    ...steps.map((index) => place(index, curve.accuracy_high[index])),
    ...steps.reverse().map((index) => place(index, curve.accuracy_low[index])),
  ];
  const ticks = niceTicks(first, last, Math.max(2, Math.floor(inner / LABEL_WIDTH)));
  return (
    <figure className={classes.figure} ref={ref}>
      <svg role="img" aria-label={t("forecast.chart")} width={inner} height={HEIGHT} className={classes.svg}>
        {niceTicks(bottom, 1).map((tick) => (
          <g key={tick}>
            <line
              className={classes.grid}
              x1={MARGIN.left}
              x2={inner - MARGIN.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text className={classes.tick} x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatPercent(tick, i18n.language)}
            </text>
          </g>
        ))}
        {ticks.map((tick) => (
          <text key={tick} className={classes.tick} x={x(tick)} y={HEIGHT - 19} textAnchor="middle">
            {formatNumber(tick, i18n.language)}
          </text>
        ))}
        <text className={classes.tick} x={(inner + MARGIN.left) / 2} y={HEIGHT - 3} textAnchor="middle">
          {t("forecast.xLabel")}
        </text>
        <polygon className={classes.band} points={band.join(" ")} />
        <polyline
          className={classes.line}
          points={curve.accuracy.map((share, index) => place(index, share)).join(" ")}
        />
        <line
          className={classes.wanted}
          x1={MARGIN.left}
          x2={inner - MARGIN.right}
          y1={y(target)}
          y2={y(target)}
        />
        <line
          className={classes.today}
          x1={x(labelsNow)}
          x2={x(labelsNow)}
          y1={MARGIN.top}
          y2={HEIGHT - MARGIN.bottom}
        />
        <text className={classes.tick} x={x(labelsNow)} y={MARGIN.top - 6} textAnchor="middle">
          {t("forecast.today")}
        </text>
        {points.map((point) => (
          <g key={`${point.labels} ${point.accuracy} ${point.n}`}>
            <line
              className={classes.whisker}
              x1={x(point.labels)}
              x2={x(point.labels)}
              y1={y(point.low)}
              y2={y(point.high)}
            />
            <circle className={classes.point} cx={x(point.labels)} cy={y(point.accuracy)} r="4" />
          </g>
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span className={classes.key}>
          <svg aria-hidden="true" width="22" height="12">
            <rect className={classes.band} width="22" height="12" rx="3" />
            <line className={classes.line} x1="0" x2="22" y1="6" y2="6" />
          </svg>
          {t("forecast.band")}
        </span>
        <span className={classes.key}>
          <svg aria-hidden="true" width="12" height="12">
            <circle className={classes.point} cx="6" cy="6" r="4" />
          </svg>
          {t("forecast.points")}
        </span>
        <span className={classes.key}>
          <svg aria-hidden="true" width="22" height="8">
            <line className={classes.wanted} x1="0" x2="22" y1="4" y2="4" />
          </svg>
          {t("forecast.target")}
        </span>
      </figcaption>
    </figure>
  );
}
