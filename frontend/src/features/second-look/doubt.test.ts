import { describe, expect, it } from "vitest";
import type { Companion, SecondLookRound } from "@/api/types";
import { alsoAgainst, comparisonOf, effectOf, following, inTime, stepped } from "./doubt";

const companion = (id: number, taken: string | null = null): Companion => ({
  photo_id: id,
  thumb_url: "",
  view_url: "",
  stage_position: 1,
  taken_at: taken,
  similarity: null,
});

describe("comparisonOf", () => {
  it("puts the twin beside the photo only where the twin is the reason", () => {
    const row = { duplicates: [companion(1), companion(2)], visits: [companion(3)] };
    expect(comparisonOf({ ...row, reason: "duplicates" })).toEqual({ kind: "twin", twin: row.duplicates[0] });
    expect(comparisonOf({ ...row, reason: "model" })).toEqual({ kind: "visits", visits: row.visits });
    expect(comparisonOf({ reason: "duplicates", duplicates: [], visits: [] })).toEqual({ kind: "none" });
  });
});

describe("alsoAgainst", () => {
  it("names the others in their order", () => {
    expect(alsoAgainst({ reason: "model", against: ["model", "season", "votes"] })).toEqual([
      "season",
      "votes",
    ]);
  });
});

describe("inTime", () => {
  it("has the oldest first and the undated last", () => {
    const rows = [companion(1), companion(2, "2026-04-02T00:00:00Z"), companion(3, "2026-03-02T00:00:00Z")];
    expect(inTime(rows).map((row) => row.photo_id)).toEqual([3, 2, 1]);
  });
});

describe("effectOf", () => {
  it("counts as judged only what is known to be right or wrong", () => {
    const round = { confirmed: 4, unchanged: 1, changed: 3, waiting: 2, dismissed: 7 } as SecondLookRound;
    expect(effectOf(round)).toEqual({ judged: 8, wrong: 3, waiting: 2 });
  });
});

describe("walking the list", () => {
  it("goes on to the next, or back at the end", () => {
    expect(following([1, 2, 3], 2)).toBe(3);
    expect(following([1, 2, 3], 3)).toBe(2);
    expect(following([3], 3)).toBeNull();
  });

  it("stops at the ends", () => {
    expect(stepped([1, 2, 3], 2, 1)).toBe(3);
    expect(stepped([1, 2, 3], 3, 1)).toBe(3);
    expect(stepped([1, 2, 3], 1, -1)).toBe(1);
    expect(stepped([1, 2, 3], null, 1)).toBe(1);
    expect(stepped([], 1, 1)).toBeNull();
  });
});
