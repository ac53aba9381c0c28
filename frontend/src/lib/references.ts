/** Example photos of the stages. */
import type { ReferencePhoto, Stage } from "@/api/types";

/** A stage's photos in the order of show: those of the boundary that is asked about, the stage's own, the others. */
export function examplesFor(stage: Stage, beside: number | null): ReferencePhoto[] {
  const rank = (photo: ReferencePhoto) => (photo.beside === beside ? 0 : photo.beside === null ? 1 : 2);
  return [...stage.references].sort((a, b) => rank(a) - rank(b));
}
