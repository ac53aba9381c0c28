import { describe, expect, it } from "vitest";
import type { Project } from "@/api/types";
import { faultsOf, patchOf, type Values, valuesOf, wordsOf } from "./policy";

const project = {
  name: "Orchard",
  description: "",
  labels_wanted: 2,
  labels_max: null,
  certainty_wanted: 0.985,
  model_vote_cap: 0.5,
  critical_boundaries: [2, 4],
  batch_size: 120,
  refresh_every: 5,
  random_share: 0.1,
  blind_share: 0.07,
  gold_share: 0.05,
} as Project;
const values = valuesOf(project);
const changed = (part: Partial<Values>): Values => ({ ...values, ...part });

describe("valuesOf and patchOf", () => {
  it("go there and back without a change, shares in tenths of a percent", () => {
    expect(values).toMatchObject({ certainty_wanted: 98.5, blind_share: 7, labels_max: "" });
    expect(patchOf(values)).toEqual(project);
  });

  it("send an emptied optional field as null, and boundaries in order", () => {
    const patch = patchOf(changed({ certainty_wanted: "", critical_boundaries: [4, 0] }));
    expect(patch.certainty_wanted).toBeNull();
    expect(patch.critical_boundaries).toEqual([0, 4]);
  });
});

describe("faultsOf", () => {
  it("finds nothing in what the server sent", () => {
    expect(faultsOf(values)).toEqual([]);
  });

  it("wants a name, and numbers where they are not optional", () => {
    expect(faultsOf(changed({ name: "  ", batch_size: "", labels_max: "" }))).toEqual([
      { field: "name", kind: "missing" },
      { field: "batch_size", kind: "missing" },
    ]);
  });

  it("knows the limits, and that the most is not less than what is wanted", () => {
    expect(faultsOf(changed({ gold_share: 51 }))).toEqual([
      { field: "gold_share", kind: "range", low: 0, high: 50 },
    ]);
    expect(faultsOf(changed({ labels_wanted: 3, labels_max: 2 }))).toEqual([
      { field: "labels_max", kind: "below_wanted" },
    ]);
  });
});

describe("wordsOf", () => {
  it("counts one more than wanted as the most when it is left empty", () => {
    expect(wordsOf(values)).toMatchObject({ wanted: 2, most: 3, certainty: 98.5, hasCritical: true });
    expect(wordsOf(changed({ labels_max: 5, certainty_wanted: "" }))).toMatchObject({
      most: 5,
      certainty: null,
    });
    expect(wordsOf(changed({ labels_wanted: "" }))).toBeNull();
  });
});
