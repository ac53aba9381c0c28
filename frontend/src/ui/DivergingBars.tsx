import classes from "./DivergingBars.module.css";

export interface DivergingBar {
  key: number;
  /** Under the pair of bars. */
  label: string;
  /** Shares from 0 to 1. */
  up: number;
  down: number;
}

/** Shares above this reach the edge; the text beside says how much. */
const MOST = 0.5;
const STEP = 30;
const HALF = 26;
const BAR = 14;

/** Pairs of bars from a middle line, one up and one down. A picture; the numbers stand in a table beside it. */
export function DivergingBars({ bars, title }: { bars: readonly DivergingBar[]; title: string }) {
  const width = bars.length * STEP;
  const height = (share: number) => (Math.min(MOST, Math.max(0, share)) / MOST) * HALF;
  return (
    <svg role="img" aria-label={title} className={classes.chart} width={width} height={2 * HALF + 16}>
      <line className={classes.axis} x1="0" x2={width} y1={HALF} y2={HALF} />
      {bars.map(({ key, label, up, down }, index) => {
        const x = index * STEP + (STEP - BAR) / 2;
        return (
          <g key={key}>
            <rect className={classes.up} x={x} y={HALF - height(up)} width={BAR} height={height(up)} rx="2" />
            <rect className={classes.down} x={x} y={HALF} width={BAR} height={height(down)} rx="2" />
            <text className={classes.label} x={x + BAR / 2} y={2 * HALF + 13} textAnchor="middle">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
