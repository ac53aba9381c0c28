import type { ReactNode } from "react";
import classes from "./StatCard.module.css";

export interface StatCardProps {
  label: string;
  value: ReactNode;
  /** What the number means or how sure it is. */
  note?: ReactNode;
}

/** One number with its name. */
export function StatCard({ label, value, note }: StatCardProps) {
  return (
    <div className={classes.stat}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      {note ? <dd className={classes.note}>{note}</dd> : null}
    </div>
  );
}

/** Numbers side by side; wraps on a phone. */
export function StatRow({ children }: { children: ReactNode }) {
  return <dl className={classes.row}>{children}</dl>;
}
