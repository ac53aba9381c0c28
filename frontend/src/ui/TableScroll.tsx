import type { ReactNode } from "react";
import classes from "./TableScroll.module.css";

/** Lets a wide table scroll sideways on a phone; focusable, so that the keyboard reaches its far columns. */
export function TableScroll({ label, minWidth, children }: TableScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <div style={{ minWidth }}>{children}</div>
    </section>
  );
}

export interface TableScrollProps {
  label: string;
  /** Width in pixels below which the table scrolls. */
  minWidth: number;
  children: ReactNode;
}
