import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { linear, niceTicks } from "@/lib/scales";
import type { Figure } from "./figures";
import { useWriting } from "./figures";
import { dotRadius, lowestTick } from "./plots";
import classes from "./report.module.css";

export interface Bin extends Figure {
  confidence: number;
  n: number;
}

const MARGIN = { top: 10, right: 24, bottom: 36, left: 48 } as const;
const WIDEST = 460;

/** Confidence against accuracy with whiskers; hollow dots are the bins before calibration. */
export function ReliabilityDiagram({ bins, before, ece, eceBefore }: ReliabilityDiagramProps) {
  const { t } = useTranslation("report");
  const { number, percent } = useWriting();
  const { ref, width } = useElementSize();
  const side = Math.min(WIDEST, Math.max(width, 240));
  const height = Math.round(side * 0.8);
  const low = lowestTick([...bins, ...before].flatMap((bin) => [bin.confidence, bin.low]));
  const x = linear([low, 1], [MARGIN.left, side - MARGIN.right]);
  const y = linear([low, 1], [height - MARGIN.bottom, MARGIN.top]);
  const most = Math.max(1, ...bins.map((bin) => bin.n));
  const ticks = niceTicks(low, 1, 5);
  return (
    <figure className={classes.figure} ref={ref}>
      <svg
        role="img"
        aria-label={t("reliability.alt", { ece: number(ece) })}
        width={side}
        height={height}
        className={classes.svg}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              className={classes.grid}
              x1={MARGIN.left}
              x2={side - MARGIN.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text className={classes.tick} x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
              {percent(tick, 0)}
            </text>
            <text className={classes.tick} x={x(tick)} y={height - 18} textAnchor="middle">
              {percent(tick, 0)}
            </text>
          </g>
        ))}
        <text className={classes.tick} x={(side + MARGIN.left) / 2} y={height - 3} textAnchor="middle">
          {t("reliability.x")}
        </text>
        <line className={classes.diagonal} x1={x(low)} y1={y(low)} x2={x(1)} y2={y(1)} />
        {before.map((bin) => (
          <circle
            key={bin.confidence}
            className={classes.hollow}
            cx={x(bin.confidence)}
            cy={y(bin.value)}
            r={4}
          />
        ))}
        {bins.map((bin) => (
          <g key={bin.confidence}>
            <line
              className={classes.whisker}
              x1={x(bin.confidence)}
              x2={x(bin.confidence)}
              y1={y(bin.low)}
              y2={y(bin.high)}
            />
            <circle
              className={classes.dot}
              cx={x(bin.confidence)}
              cy={y(bin.value)}
              r={dotRadius(bin.n, most)}
            />
          </g>
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span>{t("reliability.y")}</span>
        <span className={classes.key}>
          <svg aria-hidden="true" width="14" height="14">
            <circle className={classes.dot} cx="7" cy="7" r="5" />
          </svg>
          {t("reliability.after", { ece: number(ece) })}
        </span>
        <span className={classes.key}>
          <svg aria-hidden="true" width="14" height="14">
            <circle className={classes.hollow} cx="7" cy="7" r="4" />
          </svg>
          {t("reliability.before", { ece: number(eceBefore) })}
        </span>
        <span className={classes.key}>
          <svg aria-hidden="true" width="22" height="8">
            <line className={classes.diagonal} x1="0" x2="22" y1="4" y2="4" />
          </svg>
          {t("reliability.perfect")}
        </span>
      </figcaption>
    </figure>
  );
}

export interface ReliabilityDiagramProps {
  bins: readonly Bin[];
  before: readonly Bin[];
  ece: number;
  eceBefore: number;
}
