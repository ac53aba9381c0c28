/** Choosing another key for an action: what may be chosen, and why not. Pure; the dialog puts it into words. */
import type { Stage } from "@/api/types";
import { type Action, DEFAULT_KEYS, stageOf } from "@/lib/benchKeys";
import { digitOf, type KeyPress, spellings } from "@/lib/hotkeys";

export type KeyRefusal<S> =
  | { why: "digit" }
  | { why: "stage"; stage: S }
  | { why: "action"; action: Action }
  | { why: "unusable" };

export type KeyChoice<S> = { key: string } | KeyRefusal<S>;

type Keyed = Pick<Stage, "position" | "hotkey">;
type Keys = Record<Action, string[]>;

/** Named keys with which a page must not interfere, and names that say nothing about the key. */
const NOT_OURS = /^(f\d+|dead|process|unidentified|tab|capslock|contextmenu|printscreen|meta|os)$/;
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];

/** Pressed on the way to the key that is meant. */
export function isModifier(event: Pick<KeyPress, "key">): boolean {
  return MODIFIERS.includes(event.key);
}

/** The binding that this press makes for `action`, or why it cannot be its key. */
export function chooseKey<S extends Keyed>(
  event: KeyPress,
  action: Action,
  keys: Keys,
  stages: readonly S[],
): KeyChoice<S> {
  const digit = digitOf(event);
  const stage = stageOf(event, stages);
  if (stage) return { why: "stage", stage };
  if (digit !== null && digit > 0) return { why: "digit" };
  const names = spellings(event);
  const key = names.at(-1);
  if (!key || NOT_OURS.test(event.key.toLowerCase())) return { why: "unusable" };
  const taken = (Object.keys(keys) as Action[]).find(
    (other) => other !== action && keys[other].some((bound) => names.includes(bound)),
  );
  return taken ? { why: "action", action: taken } : { key };
}

/**
 * Actions that none of their keys reaches because stages of this scale have them, with the stage that has the first one.
 * A stage's own key wins on the bench: it decides.
 */
export function shadowedBy<S extends Keyed>(keys: Keys, stages: readonly S[]): Map<Action, S> {
  const byKey = new Map(
    stages.filter(({ hotkey }) => hotkey !== "").map((stage) => [`Key:${stage.hotkey.toLowerCase()}`, stage]),
  );
  const shadowed = new Map<Action, S>();
  for (const action of Object.keys(DEFAULT_KEYS) as Action[]) {
    const first = byKey.get(keys[action][0] ?? "");
    if (first && keys[action].every((key) => byKey.has(key))) shadowed.set(action, first);
  }
  return shadowed;
}
