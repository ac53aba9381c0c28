import { describe, expect, it } from "vitest";
import type { KeyPress } from "@/lib/hotkeys";
import { clashes } from "@/lib/hotkeys";
import { ACTIONS, benchSettings, DEFAULT_KEYS, DIGIT_KEYS, meaningOf, withBenchSettings } from "./benchKeys";

const STAGES = [0, 1, 2].map((position) => ({ position, hotkey: String(position + 1) }));
function press(key: string, code = ""): KeyPress {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return { key, code, ...none, repeat: false, isComposing: false, defaultPrevented: false, target: null };
}

describe("keys of the bench", () => {
  it("chooses stages by digit, from either row", () => {
    expect(meaningOf(press("2", "Digit2"), STAGES, DEFAULT_KEYS, false)).toEqual({
      kind: "choose",
      position: 1,
    });
    expect(meaningOf(press("3", "Numpad3"), STAGES, DEFAULT_KEYS, false)).toEqual({
      kind: "choose",
      position: 2,
    });
    expect(meaningOf(press("9", "Digit9"), STAGES, DEFAULT_KEYS, false)).toBeNull();
  });

  it("counts reasons from 1 even where there are fewer stages", () => {
    expect(meaningOf(press("5", "Digit5"), STAGES, DEFAULT_KEYS, true)).toEqual({
      kind: "choose",
      position: 4,
    });
    expect(meaningOf(press("0", "Digit0"), STAGES, DEFAULT_KEYS, true)).toEqual({
      kind: "act",
      action: "zoom_reset",
    });
  });

  it("lets a scale bring letters of its own, which win over actions", () => {
    const own = [{ position: 9, hotkey: "s" }];
    expect(meaningOf(press("s"), own, DEFAULT_KEYS, false)).toEqual({ kind: "choose", position: 9 });
    expect(meaningOf(press("s"), STAGES, DEFAULT_KEYS, false)).toEqual({ kind: "act", action: "skip" });
  });

  it("gives every action keys of its own", () => {
    for (const action of ACTIONS) expect(DEFAULT_KEYS[action].length).toBeGreaterThan(0);
    expect(Object.keys(DEFAULT_KEYS).sort()).toEqual([...ACTIONS].sort());
    expect(clashes(DEFAULT_KEYS, DIGIT_KEYS)).toEqual([]);
  });

  it("reaches the reference stages on a Spanish keyboard, with and without AltGr", () => {
    const altGr = { getModifierState: (name: string) => name === "AltGraph" };
    const typed = { ...press("[", "BracketLeft"), ctrlKey: true, altKey: true, ...altGr };
    const act = (event: KeyPress) => meaningOf(event, STAGES, DEFAULT_KEYS, false);
    expect(act(typed)).toEqual({ kind: "act", action: "reference_previous" });
    expect(act(press("<", "IntlBackslash"))).toEqual({ kind: "act", action: "reference_previous" });
    expect(act({ ...press(">", "IntlBackslash"), shiftKey: true })).toEqual({
      kind: "act",
      action: "reference_next",
    });
  });

  it("survives a round trip through the preferences, and leaves what others keep there", () => {
    const settings = { isOn: false, keys: { ...DEFAULT_KEYS, skip: ["Key:k"] }, asksPairs: false };
    const stored = withBenchSettings({ theme: "dark", review: { streak: true } }, settings);
    expect(stored).toEqual({
      theme: "dark",
      review: { streak: true, keys_on: false, keys: { skip: ["Key:k"] }, pair_questions: false },
    });
    expect(benchSettings(stored)).toEqual(settings);
    expect(benchSettings({ review: "broken" })).toEqual({ isOn: true, keys: DEFAULT_KEYS, asksPairs: true });
  });

  it("falls back to the default keys when stored ones take a digit", () => {
    for (const key of ["Key:5", "Code:Numpad5", "Code:Digit5"])
      expect(benchSettings({ review: { keys: { skip: [key] } } }).keys).toEqual(DEFAULT_KEYS);
  });
});
