/** What the experts of a case said, laid out on the scale. Pure. */
import type { AdjudicationRow, Opinion } from "@/api/types";

/** The server names experts "Expert A"; the letter is all that matters. */
export function letterOf(opinion: Pick<Opinion, "label">): string {
  return opinion.label.split(" ").at(-1) ?? "";
}

/** The letters of those who named the stage at `position`, alone or as one of two. */
export function lettersAt(opinions: readonly Opinion[], position: number): string[] {
  return opinions
    .filter(
      ({ stage_position: lower, stage_upper_position: upper }) => lower === position || upper === position,
    )
    .map(letterOf);
}

/** The stages that somebody named, the model too, in order. */
export function disputed(row: Pick<AdjudicationRow, "opinions" | "suggestion">): number[] {
  const named = row.opinions.flatMap(({ stage_position: lower, stage_upper_position: upper }) => [
    lower,
    upper,
  ]);
  const all = new Set([...named, row.suggestion?.position ?? null]);
  return [...all].filter((position): position is number => position !== null).sort((a, b) => a - b);
}

/** The opinions in the order of the scale; those without a stage last. */
export function inOrder(opinions: readonly Opinion[]): Opinion[] {
  const place = (opinion: Opinion) => opinion.stage_position ?? Number.POSITIVE_INFINITY;
  return [...opinions].sort((a, b) => place(a) - place(b) || letterOf(a).localeCompare(letterOf(b)));
}
