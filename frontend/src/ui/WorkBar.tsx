import type { ReactNode } from "react";
import { Icon } from "./Icon";
import { LinkAnchor } from "./links";
import classes from "./WorkBar.module.css";

interface WorkBarProps {
  /** Slug of the project to go back to. */
  slug: string;
  /** Where the way back leads, for those who cannot see it. */
  back: string;
  title: string;
  /** On a phone only screen readers hear the title: what follows takes its place. */
  hidesTitle?: boolean;
  children: ReactNode;
}

/** The one line above a page that fills the window: what it is, how much is left, what applies. */
export function WorkBar({ slug, back, title, hidesTitle = false, children }: WorkBarProps) {
  return (
    <header className={classes.bar}>
      <LinkAnchor to="/p/$slug" params={{ slug }} className={classes.back} aria-label={back}>
        <Icon name="chevron" size={20} />
      </LinkAnchor>
      <h1 className={classes.title} data-hidden={hidesTitle || undefined}>
        {title}
      </h1>
      {children}
    </header>
  );
}
