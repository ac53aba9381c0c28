import { describe, expect, it } from "vitest";
import { draftFrom, emptyDraft, hotkeyOf, moved, problems, type StageDraft, toInputs } from "./stageDraft";

function named(...names: string[]): StageDraft[] {
  return names.map((name) => ({ ...emptyDraft(), name_es: name }));
}

describe("moved", () => {
  it("swaps neighbours", () => {
    const drafts = named("a", "b", "c");
    expect(moved(drafts, 2, -1).map((draft) => draft.name_es)).toEqual(["a", "c", "b"]);
    expect(moved(drafts, 0, 1).map((draft) => draft.name_es)).toEqual(["b", "a", "c"]);
  });

  it("leaves the ends where they are", () => {
    const drafts = named("a", "b");
    expect(moved(drafts, 0, -1)).toEqual(drafts);
    expect(moved(drafts, 1, 1)).toEqual(drafts);
  });
});

describe("problems", () => {
  it("accepts a plain scale", () => {
    expect(problems(named("Yema", "Flor")).size).toBe(0);
  });

  it("wants two stages, names, and no name twice", () => {
    expect(problems(named("Yema")).get("")).toBe("too_few");
    const unnamed = named("Yema", "");
    expect(problems(unnamed).get(unnamed[1]?.id ?? "")).toBe("name");
    const twice = named("Flor", "flor ");
    expect(problems(twice).get(twice[1]?.id ?? "")).toBe("name_twice");
  });

  it("finds a key used twice, also against the digit a stage gets by its place", () => {
    const drafts = named("Yema", "Flor");
    const clash = drafts.map((draft, index) => (index === 0 ? { ...draft, hotkey: "2" } : draft));
    expect(problems(clash).get(clash[1]?.id ?? "")).toBe("hotkey_twice");
  });

  it("wants BBCH codes of two or three digits and no end without a start", () => {
    const [first] = named("Yema", "Flor");
    if (!first) throw new Error("no draft");
    for (const codes of [{ bbch_first: "6" }, { bbch_first: "6a" }, { bbch_last: "65" }]) {
      const drafts = [{ ...first, ...codes }, ...named("Flor")];
      expect(problems(drafts).get(first.id)).toBe("bbch");
    }
    expect(problems([{ ...first, bbch_first: "09", bbch_last: "109" }, ...named("Flor")]).size).toBe(0);
  });
});

describe("toInputs", () => {
  it("fills the missing language, the colour and the key", () => {
    const [first, second] = toInputs([draftFrom({ name_es: " Yema ", name_en: "" }), ...named("Flor")]);
    expect(first).toMatchObject({ name_es: "Yema", name_en: "Yema", hotkey: "1", color: "#440154" });
    expect(second?.color).toBe("#d2e21b");
  });

  it("gives no digit to the tenth stage", () => {
    expect(hotkeyOf(emptyDraft(), 9)).toBe("");
  });
});
