import { describe, expect, it } from "vitest";
import type { Stage } from "@/api/types";
import { settledBy } from "./keys";

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
  settledBy(
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

describe("settledBy", () => {
  it("takes digits of both key blocks, whatever the layout types", () => {
    expect(press({ key: "&", code: "Digit1" })).toEqual({ outcome: "stage", stage: 0 });
    expect(press({ key: "2", code: "Numpad2" })).toEqual({ outcome: "stage", stage: 1 });
  });

  it("knows the two other outcomes", () => {
    expect(press({ key: "X", code: "KeyX" })).toEqual({ outcome: "unusable" });
    expect(press({ key: "n", code: "KeyN" })).toEqual({ outcome: "undecidable" });
  });

  it("ignores unknown digits, held keys, shortcuts and typing", () => {
    expect(press({ key: "9", code: "Digit9" })).toBeNull();
    expect(press({ key: "1", code: "Digit1", repeat: true })).toBeNull();
    expect(press({ key: "1", code: "Digit1", ctrlKey: true })).toBeNull();
    expect(press({ key: "1", code: "Digit1", target: document.createElement("textarea") })).toBeNull();
  });
});
