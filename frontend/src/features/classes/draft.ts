/** From a proposal to the next version of the scale: pure, no React. */
import type { ClassProposal, ScaleDraft, Stage } from "@/api/types";

export interface NewStage {
  /** Positions of the stages it is made of. */
  sources: number[];
  name_es: string;
  name_en: string;
  /** Whether it needs a name: it is not simply one of the present stages. */
  isNew: boolean;
}

const joined = (names: readonly string[]) => names.join(" + ").slice(0, 80);

/** Classes that become one, in the place of the first; what is in no part stays. */
export function mergedStages(stages: readonly Stage[], parts: readonly (readonly number[])[]): NewStage[] {
  const partOf = new Map(parts.flatMap((part) => part.map((position) => [position, part] as const)));
  return stages.flatMap((stage) => {
    const part = partOf.get(stage.position) ?? [stage.position];
    if (Math.min(...part) !== stage.position) return [];
    const members = stages.filter((it) => part.includes(it.position));
    const isNew = members.length > 1;
    return [
      {
        sources: members.map((it) => it.position),
        name_es: isNew ? joined(members.map((it) => it.name_es)) : "",
        name_en: isNew ? joined(members.map((it) => it.name_en)) : "",
        isNew,
      },
    ];
  });
}

/** One class that becomes several. */
export function splitStages(stages: readonly Stage[], position: number, nParts: number): NewStage[] {
  return stages.flatMap((stage): NewStage[] =>
    stage.position !== position
      ? [{ sources: [stage.position], name_es: "", name_en: "", isNew: false }]
      : Array.from({ length: nParts }, (_, part) => ({
          sources: [position],
          name_es: `${stage.name_es} ${part + 1}`,
          name_en: `${stage.name_en} ${part + 1}`,
          isNew: true,
        })),
  );
}

/** The present stages in another order, by their positions now. */
export function orderedStages(order: readonly number[]): NewStage[] {
  return order.map((position) => ({ sources: [position], name_es: "", name_en: "", isNew: false }));
}

/** `order` with what stands at `place` moved by `by`; the same where there is no such place. */
export function movedBy(order: readonly number[], place: number, by: -1 | 1): number[] {
  const [one, other] = [order[place], order[place + by]];
  if (one === undefined || other === undefined) return [...order];
  return order.map((it, at) => (at === place ? other : at === place + by ? one : it));
}

/** Places of the new stages that changed sides with another: a merger alone moves nobody. */
export function movedPlaces(sources: readonly (readonly number[])[]): Set<number> {
  const first = sources.map((it) => Math.min(...it));
  const moved = first.flatMap((mine, place) =>
    first.some((other, at) => (at < place ? other > mine : at > place && other < mine)) ? [place] : [],
  );
  return new Set(moved);
}

/** The stages that a proposal leads to; null where it is no matter of the stages. */
export function stagesOf(stages: readonly Stage[], proposal: ClassProposal): NewStage[] | null {
  const [first] = proposal.stages;
  if (first === undefined) return null;
  if (proposal.kind === "merge") return mergedStages(stages, [proposal.stages]);
  if (proposal.kind === "split") return splitStages(stages, first, proposal.sides.length);
  return null;
}

/** What is sent. */
export function draftBody(stages: readonly NewStage[], note: string, kind: ScaleDraft["kind"]): ScaleDraft {
  return {
    note,
    kind,
    stages: stages.map(({ sources, name_es, name_en }) => ({
      sources,
      name_es: name_es.trim(),
      name_en: name_en.trim(),
      bbch_first: "",
      bbch_last: "",
    })),
  };
}

/** Whether all that need a name have one in both languages. */
export function isNamed(stages: readonly NewStage[]): boolean {
  return stages.every((it) => !it.isNew || (it.name_es.trim() !== "" && it.name_en.trim() !== ""));
}

/** As in the product's rules: fewer photos of a class say nothing. */
export const FEWEST_PHOTOS = 20;
export const FEWEST_TWICE = 20;

export type Lack = "labels" | "twice" | "model";

/** What a report lacks before (more) can be said; how many photos have two answers is known once it was computed. */
export function lacks(report: {
  labels_by_stage: readonly number[];
  n_twice: number;
  has_model: boolean;
  state: string;
}): Lack[] {
  const missing: Lack[] = [];
  if (report.labels_by_stage.filter((n) => n >= FEWEST_PHOTOS).length < 2) missing.push("labels");
  if (report.state === "ready" && report.n_twice < FEWEST_TWICE) missing.push("twice");
  if (!report.has_model) missing.push("model");
  return missing;
}
