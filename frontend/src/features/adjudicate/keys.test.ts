import { describe, expect, it } from "vitest";
import type { Settlement, Stage } from "@/api/types";
import { meaningOf } from "./keys";

const stages = ["bud", "flower"].map(
  (slug, position): Stage => ({
    id: position + 10,
    position,
    slug,
    name_es: slug,
    name_en: slug,
    description_es: "",
    description_en: "",
    bbch_first: "",
    bbch_last: "",
    color: "",
    hotkey: "",
    references: [],
  }),
);

const press = (part: Partial<KeyboardEvent>) =>
  meaningOf(
    {
      key: "",
      code: "",
      repeat: false,
      isComposing: false,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      target: document.body,
      ...part,
    },
    stages,
  );

const settle = (settlement: Settlement) => ({ kind: "settle", settlement });

describe("meaningOf", () => {
  it("takes digits of both key blocks, whatever the layout types", () => {
    expect(press({ key: "&", code: "Digit1" })).toEqual(settle({ outcome: "stage", stage: 0 }));
    expect(press({ key: "2", code: "Numpad2" })).toEqual(settle({ outcome: "stage", stage: 1 }));
  });

  it("knows the two other outcomes", () => {
    expect(press({ key: "X", code: "KeyX" })).toEqual(settle({ outcome: "unusable" }));
    expect(press({ key: "n", code: "KeyN" })).toEqual(settle({ outcome: "undecidable" }));
  });

  it("knows the keys that settle nothing", () => {
    expect(press({ key: "s", code: "KeyS" })).toEqual({ kind: "send_back" });
    expect(press({ key: "Backspace", code: "Backspace" })).toEqual({ kind: "undo" });
    expect(press({ key: "0", code: "Digit0" })).toEqual({ kind: "zoom_reset" });
  });

  it("ignores unknown digits, held keys, shortcuts and typing", () => {
    expect(press({ key: "9", code: "Digit9" })).toBeNull();
    expect(press({ key: "1", code: "Digit1", repeat: true })).toBeNull();
    expect(press({ key: "1", code: "Digit1", ctrlKey: true })).toBeNull();
    expect(press({ key: "1", code: "Digit1", target: document.createElement("textarea") })).toBeNull();
  });
});
