/** The pure part of practising: what keys mean now, and which stages are set side by side. */
import type { Stage } from "@/api/types";
import { type Action, meaningOf } from "@/lib/benchKeys";
import type { KeyPress } from "@/lib/hotkeys";

/** What somebody said: one stage, two that follow each other, or that it cannot be told. */
export type Said =
  | { kind: "stage"; stage: number }
  | { kind: "between"; stage: number; stage_upper: number }
  | { kind: "cannot_tell" };

/** Waiting for the stages of "between": none named yet, or the first. */
export type Prefix = { first: number | null } | null;

export type Step =
  | { kind: "say"; said: Said }
  | { kind: "wait"; prefix: Prefix }
  | { kind: "not_adjacent" }
  | { kind: "next" | "cancel" | "zoom_in" | "zoom_out" | "zoom_reset" };

/** What choosing a stage means: an answer, or one half of "between". */
export function chosen(position: number, prefix: Prefix): Step {
  if (prefix === null) return { kind: "say", said: { kind: "stage", stage: position } };
  if (prefix.first === null) return { kind: "wait", prefix: { first: position } };
  if (Math.abs(prefix.first - position) !== 1) return { kind: "not_adjacent" };
  const [stage, stage_upper] = [Math.min(prefix.first, position), Math.max(prefix.first, position)];
  return { kind: "say", said: { kind: "between", stage, stage_upper } };
}

const SAME = ["zoom_in", "zoom_out", "zoom_reset", "cancel"] as const;
const GOES_ON: readonly Action[] = ["confirm", "skip", "actual_size"];

/** The keys of the bench, in practice: once an answer was graded, those that confirm or pass go on. */
export function stepOf(
  event: KeyPress,
  state: {
    stages: readonly Stage[];
    keys: Record<Action, string[]>;
    prefix: Prefix;
    isTold: boolean;
    isOrdered: boolean;
  },
): Step | null {
  const meaning = meaningOf(event, state.stages, state.keys, false);
  if (!meaning) return null;
  if (meaning.kind === "choose") return state.isTold ? null : chosen(meaning.position, state.prefix);
  const { action } = meaning;
  const same = SAME.find((it) => it === action);
  if (same) return { kind: same };
  if (state.isTold) return GOES_ON.includes(action) ? { kind: "next" } : null;
  if (action === "between" && state.isOrdered) return { kind: "wait", prefix: { first: null } };
  return action === "cannot_tell" ? { kind: "say", said: { kind: "cannot_tell" } } : null;
}

/** The stages to set side by side after an answer, in order: the known one, and what was taken for it. */
export function compared(said: Said, known: number): number[] {
  const named =
    said.kind === "cannot_tell" ? [] : said.kind === "stage" ? [said.stage] : [said.stage, said.stage_upper];
  return [...new Set([known, ...named])].sort((a, b) => a - b);
}

/** Right answers that are needed, of those looked at. */
export function needed(standing: { n_wanted: number; share_wanted: number }): number {
  return Math.ceil(standing.n_wanted * standing.share_wanted - 1e-9);
}
