/** Keys of the adjudicator: one settles a case. */
import type { Settlement, Stage } from "@/api/types";
import { stageDigit } from "@/lib/stages";

type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "repeat" | "isComposing" | "ctrlKey" | "metaKey" | "altKey" | "target"
>;

export const UNUSABLE_KEY = "x";
export const UNDECIDABLE_KEY = "n";
export const SEND_BACK_KEY = "s";
export const NOTE_KEY = "c";

export type Meaning =
  | { kind: "settle"; settlement: Settlement }
  | { kind: "send_back" | "note" | "undo" | "zoom_in" | "zoom_out" | "zoom_reset" };

const ACTS: Record<string, Exclude<Meaning["kind"], "settle">> = {
  [SEND_BACK_KEY]: "send_back",
  [NOTE_KEY]: "note",
  z: "undo",
  backspace: "undo",
  "+": "zoom_in",
  "=": "zoom_in",
  "-": "zoom_out",
  "0": "zoom_reset",
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=dialog] *, [role=menu] *"))
  );
}

/** What a key press means; null when it means nothing here. */
export function meaningOf(event: Pressed, stages: readonly Stage[]): Meaning | null {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (isTyping(event.target)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const key = (digit ?? event.key).toLowerCase();
  const stage = stages.find((candidate) => stageDigit(candidate).toLowerCase() === key);
  if (stage) return { kind: "settle", settlement: { outcome: "stage", stage: stage.position } };
  if (key === UNUSABLE_KEY) return { kind: "settle", settlement: { outcome: "unusable" } };
  if (key === UNDECIDABLE_KEY) return { kind: "settle", settlement: { outcome: "undecidable" } };
  const act = ACTS[key];
  return act ? { kind: act } : null;
}
