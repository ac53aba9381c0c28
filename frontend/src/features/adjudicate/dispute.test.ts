import { describe, expect, it } from "vitest";
import type { Opinion } from "@/api/types";
import { disputed, inOrder, letterOf, lettersAt } from "./dispute";

function opinion(letter: string, lower: number | null, upper: number | null = null): Opinion {
  return {
    label: `Expert ${letter}`,
    kind: lower === null ? "cannot_tell" : upper === null ? "stage" : "between",
    stage_position: lower,
    stage_upper_position: upper,
    reason: "",
    note: "",
    decided_at: "2026-04-20T10:00:00Z",
    lead_time_ms: null,
    is_blind: false,
  };
}

const opinions = [opinion("A", 4), opinion("B", 1, 2), opinion("C", null), opinion("D", 4)];

describe("a dispute", () => {
  it("names experts by their letter", () => {
    expect(opinions.map(letterOf)).toEqual(["A", "B", "C", "D"]);
  });
  it("counts an answer between two stages for both", () => {
    expect(lettersAt(opinions, 1)).toEqual(["B"]);
    expect(lettersAt(opinions, 2)).toEqual(["B"]);
    expect(lettersAt(opinions, 4)).toEqual(["A", "D"]);
  });
  it("is about the stages that experts and the model name, in order", () => {
    const suggestion = { position: 3, confidence: 0.5 };
    expect(disputed({ opinions, suggestion })).toEqual([1, 2, 3, 4]);
    expect(disputed({ opinions: [opinion("A", null)], suggestion: null })).toEqual([]);
  });
  it("shows opinions in the order of the scale, those without a stage last", () => {
    expect(inOrder(opinions).map(letterOf)).toEqual(["B", "A", "D", "C"]);
  });
});
