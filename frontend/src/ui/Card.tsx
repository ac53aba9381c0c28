import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Card.module.css";

export interface CardProps {
  title?: string;
  /** A line under the title. */
  hint?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children?: ReactNode;
  /** No inner padding: tables and lists that draw their own. */
  flush?: boolean;
  className?: string;
}

/** One quiet surface with a title. */
export function Card({ title, hint, actions, children, flush = false, className }: CardProps) {
  return (
    <section className={[classes.card, className].filter(Boolean).join(" ")} data-flush={flush || undefined}>
      {title || actions ? (
        <header className={classes.head}>
          <div>
            {title ? <Title order={2}>{title}</Title> : null}
            {hint ? <p className={classes.hint}>{hint}</p> : null}
          </div>
          {actions ? <div className={classes.actions}>{actions}</div> : null}
        </header>
      ) : null}
      <div className={classes.body}>{children}</div>
    </section>
  );
}
