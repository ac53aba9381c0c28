import { describe, expect, it } from "vitest";
import {
  actionOf,
  clashes,
  digitOf,
  isForeign,
  type KeyPress,
  keyCap,
  spellings,
  withChosenKeys,
} from "./hotkeys";

function press(key: string, part: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    code: "",
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    isComposing: false,
    defaultPrevented: false,
    target: document.body,
    ...part,
  };
}
function inside(html: string, selector: string): Element {
  document.body.innerHTML = html;
  const found = document.body.querySelector(selector);
  if (!found) throw new Error(selector);
  return found;
}
const BINDINGS = {
  undo: ["Key:z", "Ctrl+Key:z"],
  skip: ["Key:s"],
  dim: ["Shift+Key:b"],
  bright: ["Key:b"],
  zoom: ["Key:+"],
};
const QUIET = { allowRepeat: false, isDialogOpen: false };

describe("hotkeys", () => {
  it("finds the action by the printed key, with and without modifiers", () => {
    expect(actionOf(BINDINGS, press("z"))).toBe("undo");
    expect(actionOf(BINDINGS, press("z", { ctrlKey: true }))).toBe("undo");
    expect(actionOf(BINDINGS, press("s", { ctrlKey: true }))).toBeNull();
    expect(actionOf(BINDINGS, press("B", { shiftKey: true }))).toBe("dim");
    expect(actionOf(BINDINGS, press("b"))).toBe("bright");
    expect(actionOf(BINDINGS, press("+", { shiftKey: true }))).toBe("zoom");
  });

  it("reads digits by place: AZERTY types & on the key of 1", () => {
    expect(digitOf({ ...press("&"), code: "Digit1" })).toBe(1);
    expect(digitOf({ ...press("End"), code: "Numpad7" })).toBe(7);
    expect(digitOf({ ...press("1", { ctrlKey: true }), code: "Digit1" })).toBeNull();
    expect(digitOf({ ...press("a"), code: "KeyA" })).toBeNull();
  });

  it("leaves typing, composing, dialogs and held keys alone", () => {
    const input = inside("<label>x<input></label>", "input");
    expect(isForeign(press("1", { target: input }), QUIET)).toBe(true);
    expect(isForeign(press("1", { isComposing: true }), QUIET)).toBe(true);
    expect(isForeign(press("1"), { ...QUIET, isDialogOpen: true })).toBe(true);
    expect(isForeign(press("1", { repeat: true }), QUIET)).toBe(true);
    expect(isForeign(press("z", { repeat: true }), { ...QUIET, allowRepeat: true })).toBe(false);
    expect(isForeign(press("1"), QUIET)).toBe(false);
  });

  it("leaves Enter and Space to a focused button, but no other key", () => {
    const button = inside("<button><i>go</i></button>", "i");
    expect(isForeign(press("Enter", { target: button }), QUIET)).toBe(true);
    expect(isForeign(press(" ", { target: button }), QUIET)).toBe(true);
    expect(isForeign(press("3", { target: button }), QUIET)).toBe(false);
  });

  it("takes no Alt combinations, but the characters that AltGr types", () => {
    const altGr = { getModifierState: (key: string) => key === "AltGraph" };
    expect(spellings(press("q", { altKey: true, ctrlKey: true }))).toEqual([]);
    expect(spellings(press("[", { altKey: true, ctrlKey: true, ...altGr }))).toEqual(["Key:["]);
    expect(spellings(press("AltGraph", altGr))).toEqual([]);
  });

  it("does not take the decimal key of the number pad for a comma or a point", () => {
    expect(spellings(press(",", { code: "NumpadDecimal" }))).toEqual(["Code:NumpadDecimal"]);
    expect(spellings(press(",", { code: "Comma" }))).toEqual(["Code:Comma", "Key:,"]);
  });

  it("finds keys bound twice", () => {
    expect(clashes({ a: ["Key:z"], b: ["Key:z", "Key:y"] })).toEqual(["Key:z"]);
    expect(clashes({ a: ["Code:Digit1"] }, ["Code:Digit1"])).toEqual(["Code:Digit1"]);
  });

  it("accepts chosen keys unless they clash or are not keys", () => {
    expect(withChosenKeys(BINDINGS, { skip: ["Key:k"] }).skip).toEqual(["Key:k"]);
    expect(withChosenKeys(BINDINGS, { skip: ["Key:z"] })).toEqual(BINDINGS);
    expect(withChosenKeys(BINDINGS, { skip: [], fly: ["Key:f"], undo: "z" })).toEqual(BINDINGS);
    expect(withChosenKeys(BINDINGS, null)).toEqual(BINDINGS);
  });

  it("writes key caps", () => {
    expect(
      ["Key:z", "Ctrl+Key:z", "Key:arrowleft", "Shift+Key:b", "Code:Digit0", "Key:+", "Key:space"].map(
        keyCap,
      ),
    ).toEqual(["Z", "Ctrl+Z", "←", "Shift+B", "0", "+", "␣"]);
  });
});
