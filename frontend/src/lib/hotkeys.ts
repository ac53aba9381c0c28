/**
 * Single-key shortcuts: which action a key press means, and when it means none.
 *
 * A binding is written `Code:<event.code>` for keys known by place (digits: Shift and the layout do not matter), or
 * `Key:<event.key in lower case>` for keys known by what is printed on them, with `Shift+` or `Ctrl+` in front where they
 * are part of it.
 */
export type Bindings<Action extends string> = Partial<Record<Action, string[]>>;

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
  isComposing: boolean;
  defaultPrevented: boolean;
  target: EventTarget | null;
  getModifierState?: (key: string) => boolean;
}

/** The spellings under which a binding may name this key press. */
export function spellings(event: KeyPress): string[] {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  // AltGr is how "[" is typed on a Spanish keyboard: a character like any other. Windows reports Ctrl+Alt with it.
  if (event.getModifierState?.("AltGraph")) return key.length === 1 ? [`Key:${key}`] : [];
  if (event.altKey) return [];
  if (event.ctrlKey || event.metaKey) return [`Ctrl+Key:${key}`];
  const isLetter = /^\p{L}$/u.test(key);
  const named = isLetter && event.shiftKey ? `Shift+Key:${key}` : `Key:${key}`;
  // The decimal key of the number pad prints "." or "," by layout and lies among digits: only ever named by place.
  return event.code === "NumpadDecimal" ? [`Code:${event.code}`] : [`Code:${event.code}`, named];
}

const TEXT_INPUT = "input, textarea, select, [contenteditable=''], [contenteditable='true']";
const OWN_KEYS =
  "button, a[href], summary, [role='button'], [role='tab'], [role='option'], [role='menuitem']";

/** Whether the key press belongs to something else: typing, a dialog, a focused button, a held key. */
export function isForeign(
  event: KeyPress,
  options: { allowRepeat: boolean; isDialogOpen: boolean },
): boolean {
  if (event.defaultPrevented || event.isComposing || options.isDialogOpen) return true;
  if (event.repeat && !options.allowRepeat) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return false;
  if (target.closest(TEXT_INPUT) || target.closest("[role='dialog']")) return true;
  return (event.key === "Enter" || event.key === " ") && target.closest(OWN_KEYS) !== null;
}

/** The action bound to this key press, or null. */
export function actionOf<Action extends string>(bindings: Bindings<Action>, event: KeyPress): Action | null {
  const names = spellings(event);
  for (const [action, keys] of Object.entries(bindings) as [Action, string[]][]) {
    if (keys.some((key) => names.includes(key))) return action;
  }
  return null;
}

/** The digit of a press on the top row or the number pad, whatever the layout and Shift; null for other keys. */
export function digitOf(event: Pick<KeyPress, "code" | "ctrlKey" | "metaKey" | "altKey">): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const match = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  return match ? Number(match[1]) : null;
}

/** Keys bound to more than one action, or that `reserved` keeps for itself. */
export function clashes<Action extends string>(
  bindings: Bindings<Action>,
  reserved: readonly string[] = [],
): string[] {
  const seen = new Set<string>(reserved);
  const twice = new Set<string>();
  for (const keys of Object.values(bindings) as string[][]) {
    for (const key of keys) {
      if (seen.has(key)) twice.add(key);
      seen.add(key);
    }
  }
  return [...twice];
}

/** `defaults` with the keys that a user chose; anything unreadable, unknown or clashing falls back to the default. */
export function withChosenKeys<Action extends string>(
  defaults: Record<Action, string[]>,
  chosen: unknown,
  reserved: readonly string[] = [],
): Record<Action, string[]> {
  const merged = { ...defaults };
  if (typeof chosen !== "object" || chosen === null) return merged;
  for (const [action, keys] of Object.entries(chosen)) {
    const isKnown = action in defaults;
    const isKeys = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "string");
    if (isKnown && isKeys) merged[action as Action] = keys as string[];
  }
  return clashes(merged, reserved).length > 0 ? { ...defaults } : merged;
}

/** How a binding is written on a key cap, e.g. `Ctrl+Z`, `←`, `?`. */
export function keyCap(binding: string): string {
  const caps: Record<string, string> = {
    arrowleft: "←",
    arrowright: "→",
    arrowup: "↑",
    arrowdown: "↓",
    enter: "Enter",
    escape: "Esc",
    backspace: "⌫",
    space: "␣",
  };
  return binding
    .split("+Key:")
    .map((part) => part.replace(/^(Key:|Code:(Digit|Numpad|Key)?)/, ""))
    .map((part) => caps[part.toLowerCase()] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join("+");
}
