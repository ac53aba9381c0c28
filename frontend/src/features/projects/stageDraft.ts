/** The stages of a project that does not exist yet: what the editor changes and what is sent. */
import type { StageInput } from "@/api/types";
import { stageColor } from "@/lib/palette";

export const FEWEST_STAGES = 2;
export const MOST_STAGES = 20;

export interface StageDraft {
  /** Stable identity for React and focus; never sent. */
  id: string;
  name_es: string;
  name_en: string;
  bbch_first: string;
  bbch_last: string;
  /** Empty: the palette's colour for the place in the order. */
  color: string;
  hotkey: string;
  description_es: string;
  description_en: string;
}

export type DraftProblem = "too_few" | "name" | "name_twice" | "hotkey_twice" | "bbch";

let lastId = 0;

export function emptyDraft(): StageDraft {
  lastId += 1;
  return {
    id: `stage-${lastId}`,
    name_es: "",
    name_en: "",
    bbch_first: "",
    bbch_last: "",
    color: "",
    hotkey: "",
    description_es: "",
    description_en: "",
  };
}

export function draftFrom(input: StageInput): StageDraft {
  return { ...emptyDraft(), ...input, color: input.color ?? "", hotkey: input.hotkey ?? "" };
}

/** Moves the stage at `index` by `step` places; at the ends nothing happens. */
export function moved(drafts: readonly StageDraft[], index: number, step: -1 | 1): StageDraft[] {
  const target = index + step;
  const next = [...drafts];
  const [item] = next.splice(index, 1);
  if (!item || target < 0 || target >= drafts.length) return [...drafts];
  next.splice(target, 0, item);
  return next;
}

/** The key that decides for this stage: its own, else its place counted from 1, while there are digits. */
export function hotkeyOf(draft: StageDraft, index: number): string {
  return draft.hotkey || (index < 9 ? String(index + 1) : "");
}

export function colorOfDraft(draft: StageDraft, index: number, count: number): string {
  return draft.color || stageColor(index, count);
}

/** What is wrong with each draft, by id; "" stands for the list as a whole. */
export function problems(drafts: readonly StageDraft[]): Map<string, DraftProblem> {
  const found = new Map<string, DraftProblem>();
  if (drafts.length < FEWEST_STAGES) found.set("", "too_few");
  const names = new Set<string>();
  const hotkeys = new Set<string>();
  drafts.forEach((draft, index) => {
    const name = (draft.name_es.trim() || draft.name_en.trim()).toLocaleLowerCase();
    const hotkey = hotkeyOf(draft, index);
    const codes = [draft.bbch_first, draft.bbch_last].filter(Boolean);
    if (!name) found.set(draft.id, "name");
    else if (names.has(name)) found.set(draft.id, "name_twice");
    else if (hotkey && hotkeys.has(hotkey)) found.set(draft.id, "hotkey_twice");
    else if (!codes.every((code) => /^\d{2,3}$/.test(code)) || (draft.bbch_last && !draft.bbch_first)) {
      found.set(draft.id, "bbch");
    }
    names.add(name);
    hotkeys.add(hotkey);
  });
  return found;
}

export function toInputs(drafts: readonly StageDraft[]): StageInput[] {
  return drafts.map((draft, index) => ({
    name_es: draft.name_es.trim() || draft.name_en.trim(),
    name_en: draft.name_en.trim() || draft.name_es.trim(),
    bbch_first: draft.bbch_first.trim(),
    bbch_last: draft.bbch_last.trim(),
    description_es: draft.description_es,
    description_en: draft.description_en,
    color: colorOfDraft(draft, index, drafts.length),
    hotkey: hotkeyOf(draft, index),
  }));
}
