import { describe, expect, it } from "vitest";
import { actionOf, clashes, type KeyPress } from "@/lib/hotkeys";
import { ACTIONS, KEYS } from "./keys";

const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
  key,
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
});

describe("keys of the second look", () => {
  it("bind every action to a key of its own", () => {
    expect(Object.keys(KEYS).sort()).toEqual([...ACTIONS].sort());
    expect(clashes(KEYS)).toEqual([]);
  });

  it("mean what they say", () => {
    expect(actionOf(KEYS, press("Enter"))).toBe("confirm");
    expect(actionOf(KEYS, press("s"))).toBe("send_back");
    expect(actionOf(KEYS, press("ArrowRight"))).toBe("next");
    expect(actionOf(KEYS, press("?", { shiftKey: true }))).toBe("help");
    expect(actionOf(KEYS, press("s", { ctrlKey: true }))).toBeNull();
  });
});
