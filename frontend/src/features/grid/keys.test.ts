import { describe, expect, it } from "vitest";
import { clashes, type KeyPress } from "@/lib/hotkeys";
import { KEYS, meaningOf } from "./keys";

const stages = [
  { position: 0, hotkey: "1" },
  { position: 1, hotkey: "2" },
  { position: 13, hotkey: "i" },
];
const press = (part: Partial<KeyPress>) =>
  meaningOf(
    {
      key: "",
      code: "",
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      repeat: false,
      isComposing: false,
      defaultPrevented: false,
      target: null,
      ...part,
    },
    stages,
  );

describe("meaningOf", () => {
  it("relabels by the place of a digit, whatever the layout and Shift type", () => {
    expect(press({ key: "!", code: "Digit1", shiftKey: true })).toEqual({ kind: "relabel", position: 0 });
    expect(press({ key: "2", code: "Numpad2" })).toEqual({ kind: "relabel", position: 1 });
    expect(press({ key: "9", code: "Digit9" })).toBeNull();
  });

  it("moves by arrows, and marks on the way with Shift", () => {
    expect(press({ key: "ArrowDown" })).toEqual({ kind: "move", move: "down", isRange: false });
    expect(press({ key: "End", shiftKey: true })).toEqual({ kind: "move", move: "last", isRange: true });
    expect(press({ key: "ArrowLeft", altKey: true })).toBeNull();
  });

  it("leaves a stage its letter, and keeps the action with Shift", () => {
    expect(press({ key: "i", code: "KeyI" })).toEqual({ kind: "relabel", position: 13 });
    expect(press({ key: "I", code: "KeyI", shiftKey: true })).toEqual({ kind: "act", action: "invert" });
  });

  it.each([
    ["Enter", "confirm"],
    [" ", "toggle"],
    ["x", "take_out"],
    ["a", "all"],
    ["z", "undo"],
    ["Backspace", "undo"],
    ["+", "larger"],
    ["-", "smaller"],
    ["b", "bench"],
    ["Escape", "escape"],
    ["?", "help"],
  ] as const)("takes %s for %s", (key, action) => {
    expect(press({ key })).toEqual({ kind: "act", action });
  });

  it("has no key that means two things", () => {
    expect(clashes(KEYS)).toEqual([]);
  });
});
