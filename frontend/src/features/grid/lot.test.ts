import { describe, expect, it } from "vitest";
import { inverted, isOut, lotOf, type Marks, rangeOf, relabelled, tally, undoOf, withOut } from "./lot";
import { tile, tilesOf } from "./testing";

const none: Marks = new Map();
const seenAll = () => true;
const now = new Date("2026-04-20T10:00:00Z");
const base = { choice: { kind: "stage" as const, position: 3 }, scale: 7, now, lookedMs: 9000 };

describe("marks", () => {
  const tiles = tilesOf([1, 2, 3, 4]);

  it("take out and put back without touching the marks they came from", () => {
    const marks = withOut(none, [1, 2], true);
    expect([1, 2, 3].map((id) => isOut(marks, id))).toEqual([true, true, false]);
    expect(none.size).toBe(0);
    expect(withOut(marks, [2], false)).toEqual(new Map([[1, { kind: "out" }]]));
  });

  it("are inverted, but a corrected tile stays corrected", () => {
    const marks: Marks = new Map([
      [1, { kind: "out" }],
      [2, { kind: "stage", stage: 5 }],
    ]);
    expect(inverted(marks, tiles)).toEqual(
      new Map([
        [2, { kind: "stage", stage: 5 }],
        [3, { kind: "out" }],
        [4, { kind: "out" }],
      ]),
    );
  });

  it("give way to the suggested stage, which is no correction", () => {
    const marks = withOut(none, [1, 2], true);
    expect(relabelled(marks, tiles, new Set([1]), 5).get(1)).toEqual({ kind: "stage", stage: 5 });
    expect(relabelled(marks, tiles, new Set([1]), 3).has(1)).toBe(false);
  });
});

describe("rangeOf", () => {
  const tiles = tilesOf([5, 9, 2, 7]);
  it("goes both ways and counts both ends", () => {
    expect(rangeOf(tiles, 9, 7)).toEqual([9, 2, 7]);
    expect(rangeOf(tiles, 7, 9)).toEqual([9, 2, 7]);
  });
  it("is the far end alone when its start has left the page", () => {
    expect(rangeOf(tiles, 100, 2)).toEqual([2]);
    expect(rangeOf(tiles, 5, 100)).toEqual([]);
  });
});

describe("tally", () => {
  it("counts what goes where, what is out and what was not seen", () => {
    const tiles = [...tilesOf([1, 2, 3], 3), ...tilesOf([4, 5], 4)];
    const marks: Marks = new Map([
      [1, { kind: "out" }],
      [2, { kind: "stage", stage: 6 }],
    ]);
    expect(tally(tiles, marks, (id) => id !== 5)).toEqual({
      saved: [
        { stage: 3, n: 1 },
        { stage: 4, n: 1 },
        { stage: 6, n: 1 },
      ],
      nSaved: 3,
      nCorrected: 1,
      nOut: 1,
      nUnseen: 1,
    });
  });
});

describe("lotOf", () => {
  const tiles = tilesOf([1, 2, 3, 4]);
  const marks: Marks = new Map([
    [1, { kind: "out" }],
    [2, { kind: "stage", stage: 5 }],
  ]);

  it("confirms what was seen, corrects what was corrected, skips what is out, leaves the rest alone", () => {
    const lot = lotOf({ ...base, tiles, marks, isSeen: (id) => id === 3 });
    expect(lot.decisions.map(({ photo_id, kind, stage }) => [photo_id, kind, stage])).toEqual([
      [1, "skip", undefined],
      [2, "stage", 5],
      [3, "stage", 3],
    ]);
    expect(lot.items.map((item) => item.photo_id)).toEqual([1, 2, 3]);
    expect([...lot.marks.keys()]).toEqual([1, 2]);
  });

  it("says how it was decided: in the grid, with its lease and scale, each photo its share of the time", () => {
    const lot = lotOf({ ...base, tiles, marks: none, isSeen: (id) => id <= 3 });
    expect(lot.decisions[0]).toMatchObject({
      mode: "grid",
      scale: 7,
      reservation: "token-1",
      elapsed_ms: 3000,
      is_blind: false,
      decided_at: now.toISOString(),
    });
    expect(new Set(lot.decisions.map((decision) => decision.key)).size).toBe(3);
  });

  it("confirms nothing that no model has suggested", () => {
    const bare = [tile(1, 3, { suggestion: null })];
    expect(lotOf({ ...base, tiles: bare, marks: none, isSeen: seenAll }).decisions).toEqual([]);
  });

  it("is taken back decision by decision, skips too", () => {
    const lot = lotOf({ ...base, tiles, marks, isSeen: seenAll });
    const undone = undoOf(lot, now);
    expect(undone.map((decision) => decision.undoes)).toEqual(lot.decisions.map((decision) => decision.key));
    expect(undone.every((decision) => decision.kind === "undo")).toBe(true);
  });
});
