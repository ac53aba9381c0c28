import { useTranslation } from "react-i18next";
import { inkOn } from "@/lib/palette";
import { colorOf, type StageShown, stageDigit, stageName } from "@/lib/stages";
import classes from "./StageChip.module.css";

/** The digit of a stage on its colour, always outlined: light stages would vanish on white otherwise. */
export function StageDot({
  stage,
  count,
  small = false,
}: {
  stage: StageShown;
  count: number;
  small?: boolean;
}) {
  const color = colorOf(stage, count);
  return (
    <span
      className={small ? `${classes.dot} ${classes.small}` : classes.dot}
      style={{ background: color, color: inkOn(color) }}
      aria-hidden="true"
    >
      {stageDigit(stage)}
    </span>
  );
}

export interface StageChipProps {
  stage: StageShown;
  count: number;
  /** Shown after the name, for example a confidence. */
  note?: string;
  small?: boolean;
}

export function StageChip({ stage, count, note, small = false }: StageChipProps) {
  const { i18n } = useTranslation();
  return (
    <span className={classes.chip}>
      <StageDot stage={stage} count={count} small={small} />
      <span className={classes.name}>{stageName(stage, i18n.language)}</span>
      {note ? <span className={classes.note}>{note}</span> : null}
    </span>
  );
}
