import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";
import { linear, niceTicks } from "@/lib/scales";
import classes from "./Charts.module.css";

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** A CSS colour. */
  color: string;
  dashed?: boolean;
}

export interface LineChartProps {
  title: string;
  xLabel: string;
  yLabel: string;
  lines: readonly Line[];
  height?: number;
  yDomain?: readonly [number, number];
}

const MARGIN = { top: 10, right: 12, bottom: 34, left: 46 } as const;

function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Lines over steps, with a legend that repeats the dash pattern (colour never alone). */
export function LineChart({ title, xLabel, yLabel, lines, height = 220, yDomain }: LineChartProps) {
  const { i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const all = lines.flatMap((line) => line.points);
  const xs = extent(all.map((point) => point[0]));
  const ys = yDomain ?? extent(all.map((point) => point[1]));
  const inner = Math.max(width, 240);
  const x = linear(xs, [MARGIN.left, inner - MARGIN.right]);
  const y = linear(ys, [height - MARGIN.bottom, MARGIN.top]);
  const digits = ys[1] - ys[0] < 2 ? 2 : 1;
  return (
    <figure className={classes.figure} ref={ref}>
      <svg role="img" aria-label={title} width={inner} height={height} className={classes.svg}>
        {niceTicks(ys[0], ys[1]).map((tick) => (
          <g key={tick}>
            <line
              className={classes.grid}
              x1={MARGIN.left}
              x2={inner - MARGIN.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text className={classes.tick} x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatNumber(tick, i18n.language, digits)}
            </text>
          </g>
        ))}
        {niceTicks(xs[0], xs[1], Math.min(8, Math.max(1, Math.round(xs[1] - xs[0]))))
          .filter(Number.isInteger)
          .map((tick) => (
            <text key={tick} className={classes.tick} x={x(tick)} y={height - 17} textAnchor="middle">
              {tick}
            </text>
          ))}
        <text className={classes.axis} x={(inner + MARGIN.left) / 2} y={height - 2} textAnchor="middle">
          {xLabel}
        </text>
        {lines.map((line) => (
          <g key={line.name}>
            <polyline
              className={classes.line}
              stroke={line.color}
              strokeDasharray={line.dashed ? "5 4" : undefined}
              points={line.points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(" ")}
            />
            {line.points.length === 1 && line.points[0] ? (
              <circle cx={x(line.points[0][0])} cy={y(line.points[0][1])} r={3} fill={line.color} />
            ) : null}
          </g>
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span className={classes.yLabel}>{yLabel}</span>
        {lines.map((line) => (
          <span key={line.name} className={classes.key}>
            <svg aria-hidden="true" width="22" height="8">
              <line
                x1="0"
                x2="22"
                y1="4"
                y2="4"
                stroke={line.color}
                strokeWidth="2.5"
                strokeDasharray={line.dashed ? "5 4" : undefined}
              />
            </svg>
            {line.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
