/** Keys of the grid. */
import type { Stage } from "@/api/types";
import { actionOf, type Bindings, digitOf, type KeyPress } from "@/lib/hotkeys";
import type { Move } from "./fit";

export const ACTIONS = [
  "confirm",
  "toggle",
  "take_out",
  "all",
  "invert",
  "undo",
  "smaller",
  "larger",
  "previous",
  "next",
  "bench",
  "escape",
  "help",
] as const;
export type Action = (typeof ACTIONS)[number];

/** A scale of more than ten stages may use A or I for one; with Shift they always mean all and invert. */
export const KEYS: Bindings<Action> = {
  confirm: ["Key:enter"],
  toggle: ["Key:space"],
  take_out: ["Key:x"],
  all: ["Key:a", "Shift+Key:a", "Ctrl+Key:a"],
  invert: ["Key:i", "Shift+Key:i"],
  undo: ["Key:z", "Ctrl+Key:z", "Key:backspace"],
  smaller: ["Key:-"],
  larger: ["Key:+", "Key:="],
  previous: ["Key:["],
  next: ["Key:]"],
  bench: ["Key:b"],
  escape: ["Key:escape"],
  help: ["Key:?"],
};

const MOVES: Record<string, Move> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

export type Meaning =
  | { kind: "act"; action: Action }
  | { kind: "relabel"; position: number }
  | { kind: "move"; move: Move; isRange: boolean };

/** What a key press means in the grid; null for none. */
export function meaningOf(
  event: KeyPress,
  stages: readonly Pick<Stage, "position" | "hotkey">[],
): Meaning | null {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const move = MOVES[event.key];
  if (move && isPlain) return { kind: "move", move, isRange: event.shiftKey };
  const digit = digitOf(event);
  const typed = digit === null ? event.key.toLowerCase() : String(digit);
  const isStageKey = isPlain && (digit !== null || !event.shiftKey);
  const stage = isStageKey
    ? stages.find(({ hotkey }) => hotkey !== "" && hotkey.toLowerCase() === typed)
    : undefined;
  if (stage) return { kind: "relabel", position: stage.position };
  const action = actionOf(KEYS, event);
  return action ? { kind: "act", action } : null;
}
