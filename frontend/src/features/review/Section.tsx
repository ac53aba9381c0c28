import { UnstyledButton } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Action } from "@/lib/benchKeys";
import { keyCap } from "@/lib/hotkeys";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import classes from "./Section.module.css";
import { useScene } from "./useBench";

/** The key of an action as the expert has it; nothing where single keys are off, or on a phone. */
export function KeyOf({ action }: { action: Action }) {
  const { settings } = useScene().bench;
  const [key] = settings.keys[action];
  return key && settings.isOn ? (
    <span className={classes.key}>
      <Kbd>{keyCap(key)}</Kbd>
    </span>
  ) : null;
}

interface SectionProps {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ title, aside, children }: SectionProps) {
  return (
    <section className={classes.section}>
      <div className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

interface FoldingProps {
  title: string;
  action: Action;
  isOpen: boolean;
  /** Comes into view when it opens, or at once when it is what the panel was opened for. */
  isGoal: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** A section that opens and closes by its title or its key. */
export function FoldingSection({ title, action, isOpen, isGoal, onToggle, children }: FoldingProps) {
  const id = useId();
  const section = useRef<HTMLElement>(null);
  const wasOpen = useRef(isOpen && !isGoal);
  useEffect(() => {
    if (isOpen && !wasOpen.current) section.current?.scrollIntoView({ block: "nearest" });
    wasOpen.current = isOpen;
  }, [isOpen]);
  return (
    <section ref={section} className={classes.section}>
      <h2 className={classes.title}>
        <UnstyledButton className={classes.fold} aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
          <span className={classes.arrow} data-open={isOpen || undefined}>
            <Icon name="chevron" size={14} />
          </span>
          {title}
          <KeyOf action={action} />
        </UnstyledButton>
      </h2>
      <div id={id} hidden={!isOpen}>
        {isOpen ? children : null}
      </div>
    </section>
  );
}
