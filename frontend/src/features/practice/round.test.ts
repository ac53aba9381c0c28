import { describe, expect, it } from "vitest";
import type { Stage } from "@/api/types";
import { DEFAULT_KEYS } from "@/lib/benchKeys";
import type { KeyPress } from "@/lib/hotkeys";
import { chosen, compared, needed, type Prefix, stepOf } from "./round";

const stages = [0, 1, 2, 3].map((position) => ({ position, hotkey: String(position + 1) })) as Stage[];
const press = (key: string, code = ""): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  defaultPrevented: false,
  target: null,
});
const at = (
  key: string,
  code: string,
  more: { prefix?: Prefix; isTold?: boolean; isOrdered?: boolean } = {},
) =>
  stepOf(press(key, code), {
    stages,
    keys: DEFAULT_KEYS,
    prefix: null,
    isTold: false,
    isOrdered: true,
    ...more,
  });

describe("practising", () => {
  it("answers with the keys of the bench", () => {
    expect(at("3", "Digit3")).toEqual({ kind: "say", said: { kind: "stage", stage: 2 } });
    expect(at("u", "KeyU")).toEqual({ kind: "wait", prefix: { first: null } });
    expect(at("u", "KeyU", { isOrdered: false })).toBeNull();
    expect(at("x", "KeyX")).toEqual({ kind: "say", said: { kind: "cannot_tell" } });
  });

  it("goes on only once the answer was graded, and takes no second answer then", () => {
    expect(at("Enter", "Enter")).toBeNull();
    expect(at("Enter", "Enter", { isTold: true })).toEqual({ kind: "next" });
    expect(at("s", "KeyS", { isTold: true })).toEqual({ kind: "next" });
    expect(at("3", "Digit3", { isTold: true })).toBeNull();
    expect(at("x", "KeyX", { isTold: true })).toBeNull();
  });

  it("names two stages that follow each other, in order", () => {
    expect(chosen(2, { first: null })).toEqual({ kind: "wait", prefix: { first: 2 } });
    expect(chosen(1, { first: 2 })).toEqual({
      kind: "say",
      said: { kind: "between", stage: 1, stage_upper: 2 },
    });
    expect(chosen(3, { first: 1 })).toEqual({ kind: "not_adjacent" });
  });

  it("sets the known stage beside what was taken for it", () => {
    expect(compared({ kind: "stage", stage: 3 }, 1)).toEqual([1, 3]);
    expect(compared({ kind: "stage", stage: 1 }, 1)).toEqual([1]);
    expect(compared({ kind: "between", stage: 1, stage_upper: 2 }, 2)).toEqual([1, 2]);
    expect(compared({ kind: "cannot_tell" }, 2)).toEqual([2]);
  });

  it("asks for whole answers", () => {
    expect(needed({ n_wanted: 20, share_wanted: 0.8 })).toBe(16);
    expect(needed({ n_wanted: 20, share_wanted: 0.71 })).toBe(15);
  });
});
