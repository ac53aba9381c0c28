import { describe, expect, it } from "vitest";
import type { Triage } from "@/api/types";
import { choicesOf, fullest } from "./choices";

const counts = (...open: number[]): Triage => ({
  stages: open.map((n_open, position) => ({ position, n_open, is_capped: false })),
  boundaries: [{ boundary: 0, n_open: 999, is_capped: false }],
});

describe("choicesOf", () => {
  it("puts a boundary between every two stages, and none without an order", () => {
    expect(choicesOf(2, true)).toEqual([
      { kind: "stage", position: 0 },
      { kind: "boundary", position: 0 },
      { kind: "stage", position: 1 },
    ]);
    expect(choicesOf(3, false).every((choice) => choice.kind === "stage")).toBe(true);
  });
});

describe("fullest", () => {
  it("is the earlier of the fullest stages, and none when all are empty", () => {
    expect(fullest(counts(1, 5, 5))).toEqual({ kind: "stage", position: 1 });
    expect(fullest(counts(0, 0))).toBeNull();
  });
  it("passes over the one that is left out", () => {
    expect(fullest(counts(1, 5), { kind: "stage", position: 1 })).toEqual({ kind: "stage", position: 0 });
  });
});
