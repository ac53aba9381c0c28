import type { Stage } from "@/api/types";
import { actionOf, digitOf, type KeyPress, withChosenKeys } from "./hotkeys";

/** What keys and buttons do, in the groups and the order in which the dialog lists them. */
export const ACTION_GROUPS = {
  decide: [
    "confirm",
    "pair_left",
    "pair_right",
    "between",
    "cannot_tell",
    "unusable",
    "skip",
    "undo",
    "look_back",
    "comment",
  ],
  compare: ["reference", "reference_previous", "reference_next", "neighbours", "history"],
  look: ["actual_size", "zoom_in", "zoom_out", "zoom_reset", "brighten", "darken"],
  other: ["grid", "cancel", "help"],
} as const;
export type ActionGroup = keyof typeof ACTION_GROUPS;
export type Action = (typeof ACTION_GROUPS)[ActionGroup][number];

export const GROUPS = Object.keys(ACTION_GROUPS) as ActionGroup[];
export const ACTIONS: readonly Action[] = GROUPS.flatMap((group): readonly Action[] => ACTION_GROUPS[group]);

/** Every key lies on Spanish and English keyboards alike; "[" has a second one because Spanish ones need AltGr for it. */
export const DEFAULT_KEYS: Record<Action, string[]> = {
  confirm: ["Key:enter"],
  pair_left: ["Key:,"],
  pair_right: ["Key:."],
  between: ["Key:u"],
  cannot_tell: ["Key:x"],
  unusable: ["Key:f"],
  skip: ["Key:s", "Key:arrowright"],
  undo: ["Key:z", "Ctrl+Key:z", "Key:backspace"],
  look_back: ["Key:arrowleft"],
  comment: ["Key:c"],
  reference: ["Key:r"],
  reference_previous: ["Key:[", "Key:<"],
  reference_next: ["Key:]", "Key:>"],
  neighbours: ["Key:n"],
  history: ["Key:h"],
  actual_size: ["Key:space"],
  zoom_in: ["Key:+", "Key:="],
  zoom_out: ["Key:-"],
  zoom_reset: ["Code:Digit0", "Code:Numpad0"],
  brighten: ["Key:b"],
  darken: ["Shift+Key:b"],
  grid: ["Key:g"],
  cancel: ["Key:escape"],
  help: ["Key:?"],
};

/** Keys that answer with a stage or a reason; no action may take them. */
export const DIGIT_KEYS = Array.from({ length: 9 }, (_, index) => index + 1).flatMap((digit) => [
  `Code:Digit${digit}`,
  `Code:Numpad${digit}`,
  `Key:${digit}`,
]);

/** The expert's own settings of the bench, as stored in `preferences.review`. */
export interface BenchSettings {
  /** WCAG 2.1.4: single keys can be switched off, all of them at once. */
  isOn: boolean;
  keys: Record<Action, string[]>;
  /** Whether a photo between two stages is asked as a question with two sides. */
  asksPairs: boolean;
}

function reviewOf(preferences: Record<string, unknown>): Record<string, unknown> {
  const stored = preferences.review;
  return typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
}

/** Reads the settings; whatever is missing or unreadable is the default. */
export function benchSettings(preferences: Record<string, unknown>): BenchSettings {
  const review = reviewOf(preferences);
  return {
    isOn: review.keys_on !== false,
    keys: withChosenKeys(DEFAULT_KEYS, review.keys, DIGIT_KEYS),
    asksPairs: review.pair_questions !== false,
  };
}

/** `preferences` with these settings in them; of the keys only those that differ from the default. */
export function withBenchSettings(
  preferences: Record<string, unknown>,
  settings: BenchSettings,
): Record<string, unknown> {
  const changed = ACTIONS.filter((action) => settings.keys[action].join() !== DEFAULT_KEYS[action].join());
  const keys = Object.fromEntries(changed.map((action) => [action, settings.keys[action]]));
  const own = { keys_on: settings.isOn, keys, pair_questions: settings.asksPairs };
  return { ...preferences, review: { ...reviewOf(preferences), ...own } };
}

export type Meaning = { kind: "choose"; position: number } | { kind: "act"; action: Action };
type Keyed = Pick<Stage, "position" | "hotkey">;

/** The stage whose own hotkey this is: a digit by place, anything else as printed; never with a modifier. */
export function stageOf<S extends Keyed>(event: KeyPress, stages: readonly S[]): S | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const digit = digitOf(event);
  const typed = digit === null ? event.key.toLowerCase() : String(digit);
  return stages.find(({ hotkey }) => hotkey !== "" && hotkey.toLowerCase() === typed);
}

/**
 * What a key press means on the bench. Stages go by their own hotkey first, digits by place; with a reason asked for, digits
 * count from 1 whatever the stages' keys are.
 */
export function meaningOf(
  event: KeyPress,
  stages: readonly Keyed[],
  keys: Record<Action, string[]>,
  isReasonAsked: boolean,
): Meaning | null {
  const digit = digitOf(event);
  if (isReasonAsked && digit !== null && digit > 0) return { kind: "choose", position: digit - 1 };
  const stage = isReasonAsked ? undefined : stageOf(event, stages);
  if (stage) return { kind: "choose", position: stage.position };
  const action = actionOf(keys, event);
  return action ? { kind: "act", action } : null;
}
