/** Words and colours of a scale's stages. */
import type { Stage, StageInput } from "@/api/types";
import { stageColor } from "./palette";

/** What a chip shows of a stage, of whatever version of the scale. */
export type StageShown = Pick<Stage, "name_es" | "name_en" | "color" | "position" | "hotkey">;

type Named = Pick<Stage, "name_es" | "name_en">;

/** The stage's name in the person's language, else in the other one. */
export function stageName(stage: Named, language: string): string {
  return language.startsWith("en") ? stage.name_en || stage.name_es : stage.name_es || stage.name_en;
}

export function stageDescription(stage: Stage, language: string): string {
  return language.startsWith("en")
    ? stage.description_en || stage.description_es
    : stage.description_es || stage.description_en;
}

/** The colour the project chose, else the palette's. */
export function colorOf(stage: Pick<Stage, "color" | "position">, count: number): string {
  return stage.color || stageColor(stage.position, count);
}

/** "65" or "61–65"; empty when the stage has no code. */
export function bbchRange(stage: Pick<StageInput, "bbch_first" | "bbch_last">): string {
  const { bbch_first: first = "", bbch_last: last = "" } = stage;
  return !last || last === first ? first : `${first}–${last}`;
}

/** The digit on the chip: what the expert presses. */
export function stageDigit(stage: Pick<Stage, "hotkey" | "position">): string {
  return stage.hotkey || String(stage.position + 1);
}

/** A name as a folder is called after it: "Plena floración" is "plena-floracion". The server makes slugs likewise. */
export function slugOf(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
}

/** The stage that somebody means by a name in either language or a slug; null when there is none. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | null {
  const slug = slugOf(name);
  return (
    stages.find((stage) => stage.slug === name || stage.slug === slug) ??
    stages.find((stage) => slug !== "" && [stage.name_en, stage.name_es].map(slugOf).includes(slug)) ??
    null
  );
}
