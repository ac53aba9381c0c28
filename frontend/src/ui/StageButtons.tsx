import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Stage } from "@/api/types";
import { stageName } from "@/lib/stages";
import { keepFocus } from "./focus";
import classes from "./StageButtons.module.css";
import { StageDot } from "./StageChip";

interface StageButtonsProps {
  stages: readonly Stage[];
  label: string;
  onChoose: (position: number) => void;
  /** Position that the model proposes. */
  suggested?: number | undefined;
  /** The first of two, while the second is waited for. */
  first?: number | null;
  isDisabled?: boolean;
  isSmall?: boolean;
  /** What stands after the stages. */
  children?: ReactNode;
}

/** The stages in order, each with its digit: one press answers. */
export function StageButtons(props: StageButtonsProps) {
  const { stages, label, onChoose, suggested, first = null, isDisabled = false, isSmall = false } = props;
  const { i18n } = useTranslation();
  return (
    <fieldset className={classes.stages} aria-label={label} data-many={stages.length > 8 || undefined}>
      {stages.map((stage) => (
        <UnstyledButton
          key={stage.id}
          className={classes.stage}
          data-suggested={suggested === stage.position || undefined}
          data-first={first === stage.position || undefined}
          disabled={isDisabled}
          onMouseDown={keepFocus}
          onClick={() => onChoose(stage.position)}
        >
          <StageDot stage={stage} count={stages.length} small={isSmall} />
          <span className={classes.name}>{stageName(stage, i18n.language)}</span>
        </UnstyledButton>
      ))}
      {props.children}
    </fieldset>
  );
}
