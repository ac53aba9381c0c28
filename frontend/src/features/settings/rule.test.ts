import { describe, expect, it } from "vitest";
import { ruleFaultsOf, ruleOf, ruleValuesOf } from "./rule";

const rule = { is_on: true, labels_new: 200, days_most: null, accuracy_drop: 0.075, gap_minutes: 60 };

describe("the training rule's form", () => {
  it("goes there and back without a change, the drop in points", () => {
    expect(ruleValuesOf(rule)).toMatchObject({ days_most: "", accuracy_drop: 7.5 });
    expect(ruleOf(ruleValuesOf(rule))).toEqual(rule);
  });

  it("knows the limits, and that only the rest between trainings is needed", () => {
    const values = ruleValuesOf(rule);
    expect(ruleFaultsOf(values)).toEqual([]);
    expect(ruleFaultsOf({ ...values, labels_new: 9, accuracy_drop: "", gap_minutes: "" })).toEqual([
      "labels_new",
      "gap_minutes",
    ]);
  });
});
