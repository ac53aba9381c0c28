import type { PhotoAnswer, Stage } from "@/api/types";
import { inkOn } from "@/lib/palette";
import { bbchRange, colorOf, stageDigit, stageName } from "@/lib/stages";
import { language, t } from "./text";

export function StageMark({ stage, count }: { stage: Stage; count: number }) {
  const background = colorOf(stage, count);
  return (
    <span className="mark" style={{ background, color: inkOn(background) }} aria-hidden="true">
      {stageDigit(stage)}
    </span>
  );
}

export const nameOf = (stage: Stage | undefined): string => (stage ? stageName(stage, language) : "");
export const at = (stages: Stage[], position: number | null): Stage | undefined =>
  stages.find((stage) => stage.position === position);

/** "Full flowering", or "Between first flowers and petal fall". */
export function answerText(answer: PhotoAnswer, stages: Stage[]): string {
  const { lower_position: lower, upper_position: upper } = answer;
  if (lower === upper) return nameOf(at(stages, answer.stage_position));
  return t("answer.between", {
    lower: lowered(nameOf(at(stages, lower))),
    upper: lowered(nameOf(at(stages, upper))),
  });
}

/** A name inside a sentence. */
const lowered = (name: string): string => name.charAt(0).toLocaleLowerCase(language) + name.slice(1);

/** "BBCH 65" or "BBCH 60–69": of the stage, or of the stretch it lies in. */
export function codeOf(answer: PhotoAnswer, stages: Stage[]): string {
  const lower = at(stages, answer.lower_position);
  const upper = at(stages, answer.upper_position);
  const code = bbchRange({
    ...(lower ? { bbch_first: lower.bbch_first } : {}),
    ...(upper ? { bbch_last: upper.bbch_last } : {}),
  });
  return code ? t("answer.code", { code }) : "";
}
