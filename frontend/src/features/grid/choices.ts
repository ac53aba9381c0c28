/** The stages and boundaries that the grid can show. Pure. */
import type { Triage } from "@/api/types";
import { type Choice, isSameChoice } from "./lot";

/** All of them in the order of the scale: stage 0, the boundary after it, stage 1, ... */
export function choicesOf(nStages: number, isOrdered: boolean): Choice[] {
  return Array.from({ length: nStages }, (_, position): Choice[] => {
    const stage: Choice = { kind: "stage", position };
    const hasBoundary = isOrdered && position < nStages - 1;
    return hasBoundary ? [stage, { kind: "boundary", position }] : [stage];
  }).flat();
}

/** The stage with the most photos, the earlier of two; `but` is left out. Null when none has any. */
export function fullest(counts: Triage, but: Choice | null = null): Choice | null {
  let best: Choice | null = null;
  let most = 0;
  for (const { position, n_open: n } of counts.stages) {
    const choice: Choice = { kind: "stage", position };
    if (n <= most || isSameChoice(choice, but)) continue;
    best = choice;
    most = n;
  }
  return best;
}
