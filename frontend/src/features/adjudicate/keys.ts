/** One key settles a case. */
import type { Settlement, Stage } from "@/api/types";
import { stageDigit } from "@/lib/stages";

type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "repeat" | "isComposing" | "ctrlKey" | "metaKey" | "altKey" | "target"
>;

export const UNUSABLE_KEY = "x";
export const UNDECIDABLE_KEY = "n";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=dialog] *, [role=menu] *"))
  );
}

/** The settlement that a key press means; null when it means none. */
export function settledBy(event: Pressed, stages: readonly Stage[]): Settlement | null {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (isTyping(event.target)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const key = (digit ?? event.key).toLowerCase();
  const stage = stages.find((candidate) => stageDigit(candidate).toLowerCase() === key);
  if (stage) return { outcome: "stage", stage: stage.position };
  if (key === UNUSABLE_KEY) return { outcome: "unusable" };
  if (key === UNDECIDABLE_KEY) return { outcome: "undecidable" };
  return null;
}
