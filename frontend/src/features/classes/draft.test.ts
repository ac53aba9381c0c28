import { describe, expect, it } from "vitest";
import type { ClassProposal, Stage } from "@/api/types";
import {
  draftBody,
  isNamed,
  lacks,
  mergedStages,
  movedBy,
  movedPlaces,
  orderedStages,
  splitStages,
  stagesOf,
} from "./draft";

const STAGES = ["a", "b", "c", "d"].map(
  (name, position) => ({ position, name_es: `${name}-es`, name_en: name, slug: name }) as Stage,
);
const proposal = (kind: ClassProposal["kind"], stages: number[], nSides = 2) =>
  ({
    kind,
    stages,
    sides: Array.from({ length: nSides }, () => ({ photos: [] })),
    effect: null,
  }) as ClassProposal;

describe("another order of the stages", () => {
  it("moves one past its neighbour, and no further than the ends", () => {
    expect(movedBy([0, 1, 2], 2, -1)).toEqual([0, 2, 1]);
    expect(movedBy([0, 1, 2], 0, 1)).toEqual([1, 0, 2]);
    expect(movedBy([0, 1, 2], 0, -1)).toEqual([0, 1, 2]);
    expect(movedBy([0, 1, 2], 2, 1)).toEqual([0, 1, 2]);
  });

  it("is sent as the present stages, each whole and with the name it has", () => {
    const sent = draftBody(orderedStages([1, 0, 2]), "", "").stages;
    expect(sent.map((it) => it.sources)).toEqual([[1], [0], [2]]);
    expect(sent.every((it) => it.name_es === "" && it.name_en === "")).toBe(true);
  });

  it("tells which stages changed sides, and that a merger or a split moves nobody", () => {
    expect([...movedPlaces([[1], [0], [2]])]).toEqual([0, 1]);
    expect([...movedPlaces([[0], [1, 2], [3]])]).toEqual([]);
    expect([...movedPlaces([[0], [1], [1], [2]])]).toEqual([]);
  });
});

describe("what a proposal makes of the stages", () => {
  it("merges neighbours in the place of the first and asks for a name", () => {
    const merged = mergedStages(STAGES, [[1, 2]]);
    expect(merged.map((it) => it.sources)).toEqual([[0], [1, 2], [3]]);
    expect(merged[1]).toMatchObject({ name_es: "b-es + c-es", name_en: "b + c", isNew: true });
    expect(merged[0]).toMatchObject({ name_es: "", isNew: false });
  });

  it("merges classes that are not neighbours where nothing has an order", () => {
    expect(mergedStages(STAGES, [[0, 3]]).map((it) => it.sources)).toEqual([[0, 3], [1], [2]]);
  });

  it("splits one into as many as there are parts", () => {
    const split = splitStages(STAGES, 2, 3);
    expect(split.map((it) => it.sources)).toEqual([[0], [1], [2], [2], [2], [3]]);
    expect(split[3]?.name_en).toBe("c 2");
  });

  it("changes no stages for a guideline or more data", () => {
    expect(stagesOf(STAGES, proposal("guideline", [1, 2]))).toBeNull();
    expect(stagesOf(STAGES, proposal("more_data", [1, 2]))).toBeNull();
    expect(stagesOf(STAGES, proposal("merge", [1, 2]))).toHaveLength(3);
    expect(stagesOf(STAGES, proposal("split", [1], 2))).toHaveLength(5);
  });

  it("sends trimmed names, and wants both languages", () => {
    const stages = mergedStages(STAGES, [[0, 1]]).map((it) =>
      it.isNew ? { ...it, name_es: " x ", name_en: "" } : it,
    );
    expect(isNamed(stages)).toBe(false);
    expect(draftBody(stages, "why", "merge").stages[0]).toMatchObject({ name_es: "x", sources: [0, 1] });
  });
});

describe("what is missing", () => {
  const report = { labels_by_stage: [30, 40, 0], n_twice: 50, has_model: true, state: "ready" };
  it("is nothing when there is enough", () => expect(lacks(report)).toEqual([]));
  it("is told one by one", () => {
    expect(lacks({ ...report, labels_by_stage: [30, 3, 0] })).toEqual(["labels"]);
    expect(lacks({ ...report, n_twice: 1, has_model: false })).toEqual(["twice", "model"]);
    expect(lacks({ ...report, n_twice: 0, state: "none" })).toEqual([]);
  });
});
