import type { Stage } from "@/api/types";
import { actionOf, digitOf, type KeyPress, withChosenKeys } from "@/lib/hotkeys";

export const ACTIONS = [
  "confirm",
  "skip",
  "between",
  "cannot_tell",
  "unusable",
  "undo",
  "look_back",
  "comment",
  "actual_size",
  "zoom_in",
  "zoom_out",
  "zoom_reset",
  "brighten",
  "darken",
  "cancel",
  "help",
] as const;
export type Action = (typeof ACTIONS)[number];

export const DEFAULT_KEYS: Record<Action, string[]> = {
  confirm: ["Key:enter"],
  skip: ["Key:s", "Key:arrowright"],
  between: ["Key:u"],
  cannot_tell: ["Key:x"],
  unusable: ["Key:f"],
  undo: ["Key:z", "Ctrl+Key:z", "Key:backspace"],
  look_back: ["Key:arrowleft"],
  comment: ["Key:c"],
  actual_size: ["Key:space"],
  zoom_in: ["Key:+", "Key:="],
  zoom_out: ["Key:-"],
  zoom_reset: ["Code:Digit0", "Code:Numpad0"],
  brighten: ["Key:b"],
  darken: ["Shift+Key:b"],
  cancel: ["Key:escape"],
  help: ["Key:?"],
};

/** Keys that answer with a stage or a reason; no action may take them. */
export const DIGIT_KEYS = Array.from({ length: 9 }, (_, index) => `Code:Digit${index + 1}`);

/** The expert's own settings of the bench, as stored in `preferences.review`. */
export interface KeySettings {
  isOn: boolean;
  keys: Record<Action, string[]>;
}

/** Reads the settings; whatever is missing or unreadable is the default. */
export function keySettings(preferences: Record<string, unknown>): KeySettings {
  const stored = preferences.review;
  const review = (typeof stored === "object" && stored !== null ? stored : {}) as Record<string, unknown>;
  return {
    isOn: review.keys_on !== false,
    keys: withChosenKeys(DEFAULT_KEYS, review.keys, DIGIT_KEYS),
  };
}

/** `preferences` with these settings in them, and only what differs from the default. */
export function withKeySettings(
  preferences: Record<string, unknown>,
  settings: KeySettings,
): Record<string, unknown> {
  const changed = ACTIONS.filter((action) => settings.keys[action].join() !== DEFAULT_KEYS[action].join());
  const keys = Object.fromEntries(changed.map((action) => [action, settings.keys[action]]));
  return { ...preferences, review: { keys_on: settings.isOn, keys } };
}

export type Meaning = { kind: "choose"; position: number } | { kind: "act"; action: Action };

/**
 * What a key press means on the bench. Stages go by their own hotkey first, digits by place; with a reason asked for, digits
 * count from 1 whatever the stages' keys are.
 */
export function meaningOf(
  event: KeyPress,
  stages: readonly Pick<Stage, "position" | "hotkey">[],
  keys: Record<Action, string[]>,
  isReasonAsked: boolean,
): Meaning | null {
  const digit = digitOf(event);
  if (isReasonAsked && digit !== null && digit > 0) return { kind: "choose", position: digit - 1 };
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typed = digit === null ? event.key.toLowerCase() : String(digit);
  const stage = isPlain
    ? stages.find(({ hotkey }) => hotkey !== "" && hotkey.toLowerCase() === typed)
    : undefined;
  if (stage && !isReasonAsked) return { kind: "choose", position: stage.position };
  const action = actionOf(keys, event);
  return action ? { kind: "act", action } : null;
}
