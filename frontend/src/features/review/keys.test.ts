import { describe, expect, it } from "vitest";
import type { KeyPress } from "@/lib/hotkeys";
import { ACTIONS, DEFAULT_KEYS, keySettings, meaningOf, withKeySettings } from "./keys";

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

  it("gives every action a key and survives a round trip through the preferences", () => {
    for (const action of ACTIONS) expect(DEFAULT_KEYS[action].length).toBeGreaterThan(0);
    const settings = { isOn: false, keys: { ...DEFAULT_KEYS, skip: ["Key:k"] } };
    const stored = withKeySettings({ theme: "dark" }, settings);
    expect(stored).toEqual({ theme: "dark", review: { keys_on: false, keys: { skip: ["Key:k"] } } });
    expect(keySettings(stored)).toEqual(settings);
    expect(keySettings({ review: "broken" })).toEqual({ isOn: true, keys: DEFAULT_KEYS });
  });
});
