import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./HeldDecision.module.css";
import { Icon } from "./Icon";
import { Kbd } from "./Kbd";

interface HeldDecisionProps {
  /** What was decided; nothing when there is none that could be taken back. */
  children: ReactNode;
  undoLabel: string;
  onUndo: () => void;
}

/** The last decision while it can be taken back: in the bar, on a phone above the photo. */
export function HeldDecision({ children, undoLabel, onUndo }: HeldDecisionProps) {
  return (
    <div className={classes.held} role="status" data-empty={!children || undefined}>
      {children ? (
        <>
          <Icon name="check" size={18} />
          <span>{children}</span>
          <Button
            size="compact-sm"
            variant="white"
            rightSection={<Kbd>Z</Kbd>}
            onMouseDown={(event) => event.preventDefault()}
            onClick={onUndo}
          >
            {undoLabel}
          </Button>
        </>
      ) : null}
    </div>
  );
}
