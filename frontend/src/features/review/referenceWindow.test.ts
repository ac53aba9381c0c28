import { describe, expect, it } from "vitest";
import type { Decision } from "@/api/types";
import { around, centreOf, lastNamed, moved } from "./referenceWindow";
import { queueItem } from "./testing";

describe("the stages of the reference photos", () => {
  it("begins at the model's stage", () => {
    expect(centreOf(queueItem(1), 5, 0)).toBe(3);
  });

  it("gives nothing away on a blind photo: last used, or the middle", () => {
    const blind = queueItem(1, { is_blind: true });
    expect(centreOf(blind, 5, 1)).toBe(1);
    expect(centreOf(blind, 5, null)).toBe(2);
    expect(centreOf(queueItem(1, { suggestion: null }), 7, null)).toBe(3);
  });

  it("shows as many stages at the ends as in the middle", () => {
    expect([0, 1, 3, 4].map((centre) => around(centre, 5))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [2, 3, 4],
      [2, 3, 4],
    ]);
    expect(around(1, 2)).toEqual([0, 1]);
  });

  it("stops at the ends", () => {
    expect([moved(0, -1, 5), moved(0, 1, 5), moved(4, 1, 5)]).toEqual([0, 1, 4]);
    // A scale may have become shorter than what was used last.
    expect(centreOf(queueItem(1, { is_blind: true }), 3, 6)).toBe(2);
  });

  it("knows the stage named last, past acts that name none", () => {
    const entry = (part: Partial<Decision>) => ({
      item: queueItem(1),
      decision: { key: "k", photo_id: 1, kind: "skip", decided_at: "", ...part } as Decision,
    });
    const acts = [entry({ kind: "stage", stage: 4 }), entry({ kind: "between", stage: 1 }), entry({})];
    expect(lastNamed(acts)).toBe(4);
    expect(lastNamed([])).toBeNull();
  });
});
