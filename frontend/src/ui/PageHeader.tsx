import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import classes from "./PageHeader.module.css";

export interface PageHeaderProps {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  /** A link back to the page above. */
  back?: ReactNode;
}

/** The head of a page; also names the browser's tab. */
export function PageHeader({ title, hint, actions, back }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Antesis`;
  }, [title]);
  return (
    <header className={classes.header}>
      <div className={classes.text}>
        {back ? <div className={classes.back}>{back}</div> : null}
        <Title order={1}>{title}</Title>
        {hint ? <p className={classes.hint}>{hint}</p> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </header>
  );
}
