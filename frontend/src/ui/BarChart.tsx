import type { ReactNode } from "react";
import classes from "./Charts.module.css";

export interface Bar {
  key: string | number;
  label: ReactNode;
  value: number;
  /** The number as text. */
  text: string;
  color: string;
}

/** Horizontal bars as a list: readable by everyone, and on a phone. */
export function BarChart({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const highest = Math.max(1e-9, ...bars.map((bar) => bar.value));
  return (
    <ul className={classes.bars} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.key} className={classes.barRow}>
          <span className={classes.barLabel}>{bar.label}</span>
          <span className={classes.track}>
            <span
              className={classes.bar}
              data-empty={bar.value === 0 || undefined}
              style={{ width: `${(bar.value / highest) * 100}%`, background: bar.color }}
            />
          </span>
          <span className={classes.barValue}>{bar.text}</span>
        </li>
      ))}
    </ul>
  );
}
