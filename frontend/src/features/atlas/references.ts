/** The lists of example photos: one of each stage, and one of each side of a boundary. Pure. */
import type { ReferencePhoto, Stage } from "@/api/types";

/** A stage's own examples (`beside` null), or those near the boundary with the stage of that id. */
export function examplesOf(stage: Stage, beside: number | null): ReferencePhoto[] {
  return stage.references.filter((photo) => photo.beside === beside);
}

/** The ids with one of them a step further to the front or the back; the same order at the ends. */
export function moved(ids: readonly number[], id: number, step: 1 | -1): number[] {
  const from = ids.indexOf(id);
  const to = from + step;
  const next = [...ids];
  if (from < 0 || to < 0 || to >= ids.length) return next;
  next.splice(from, 1);
  next.splice(to, 0, id);
  return next;
}

/** Neighbours in the order of the scale: between each two lies a boundary. */
export function boundaries(stages: readonly Stage[], isOrdered: boolean): [Stage, Stage][] {
  if (!isOrdered) return [];
  const inOrder = [...stages].sort((a, b) => a.position - b.position);
  return inOrder.slice(1).map((stage, index) => [inOrder[index] as Stage, stage]);
}
