import { describe, expect, it } from "vitest";
import { DEFAULT_KEYS } from "@/lib/benchKeys";
import type { KeyPress } from "@/lib/hotkeys";
import { chooseKey, isModifier, shadowedBy } from "./keyChoice";

const STAGES = [
  { position: 0, hotkey: "1" },
  { position: 1, hotkey: "n" },
];
function press(key: string, code = "", part: Partial<KeyPress> = {}): KeyPress {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return {
    key,
    code,
    ...none,
    repeat: false,
    isComposing: false,
    defaultPrevented: false,
    target: null,
    ...part,
  };
}

describe("choosing a key", () => {
  it("takes a free one, as it is printed", () => {
    expect(chooseKey(press("ñ", "Semicolon"), "skip", DEFAULT_KEYS, STAGES)).toEqual({ key: "Key:ñ" });
    expect(chooseKey(press("K", "KeyK", { shiftKey: true }), "skip", DEFAULT_KEYS, STAGES)).toEqual({
      key: "Shift+Key:k",
    });
  });

  it("takes the action's own key again", () => {
    expect(chooseKey(press("s", "KeyS"), "skip", DEFAULT_KEYS, STAGES)).toEqual({ key: "Key:s" });
  });

  it("names the action, the stage or the digits that have the key", () => {
    expect(chooseKey(press("u", "KeyU"), "skip", DEFAULT_KEYS, STAGES)).toEqual({
      why: "action",
      action: "between",
    });
    expect(chooseKey(press("N", "KeyN"), "skip", DEFAULT_KEYS, STAGES)).toEqual({
      why: "stage",
      stage: STAGES[1],
    });
    expect(chooseKey(press("&", "Digit1"), "skip", DEFAULT_KEYS, STAGES)).toEqual({
      why: "stage",
      stage: STAGES[0],
    });
    expect(chooseKey(press("7", "Numpad7"), "skip", DEFAULT_KEYS, STAGES)).toEqual({ why: "digit" });
    // Digit0 shows the whole photo, by place: whatever the layout prints on it.
    expect(chooseKey(press("à", "Digit0"), "skip", DEFAULT_KEYS, STAGES)).toEqual({
      why: "action",
      action: "zoom_reset",
    });
  });

  it("refuses keys of the browser, dead keys and Alt combinations", () => {
    const unusable = { why: "unusable" };
    expect(chooseKey(press("F5", "F5"), "skip", DEFAULT_KEYS, STAGES)).toEqual(unusable);
    expect(chooseKey(press("Dead", "BracketLeft"), "skip", DEFAULT_KEYS, STAGES)).toEqual(unusable);
    expect(chooseKey(press("q", "KeyQ", { altKey: true }), "skip", DEFAULT_KEYS, STAGES)).toEqual(unusable);
  });

  it("waits for the key after a modifier", () => {
    expect(isModifier(press("AltGraph"))).toBe(true);
    expect(isModifier(press("k"))).toBe(false);
  });

  it("finds actions that stages leave without a key", () => {
    expect([...shadowedBy(DEFAULT_KEYS, STAGES)]).toEqual([["neighbours", STAGES[1]]]);
    // Skipping still has its arrow.
    expect(shadowedBy(DEFAULT_KEYS, [{ position: 0, hotkey: "s" }]).size).toBe(0);
  });
});
