import { describe, expect, it } from "vitest";
import type { Stage } from "@/api/types";
import { boundaries, examplesOf, moved } from "./references";

const stage = (position: number, beside: (number | null)[] = []) =>
  ({
    id: 10 + position,
    position,
    references: beside.map((of, index) => ({ photo_id: index, beside: of, thumb_url: "", view_url: "" })),
  }) as Stage;

describe("lists of examples", () => {
  it("keeps those of a boundary apart", () => {
    const mixed = stage(1, [null, 12, null, 10]);
    expect(examplesOf(mixed, null).map((it) => it.photo_id)).toEqual([0, 2]);
    expect(examplesOf(mixed, 12).map((it) => it.photo_id)).toEqual([1]);
    expect(examplesOf(mixed, 99)).toEqual([]);
  });

  it("moves one and keeps the rest; not beyond the ends", () => {
    expect(moved([1, 2, 3], 2, -1)).toEqual([2, 1, 3]);
    expect(moved([1, 2, 3], 2, 1)).toEqual([1, 3, 2]);
    expect(moved([1, 2, 3], 1, -1)).toEqual([1, 2, 3]);
    expect(moved([1, 2, 3], 3, 1)).toEqual([1, 2, 3]);
    expect(moved([1, 2, 3], 9, 1)).toEqual([1, 2, 3]);
  });

  it("has a boundary between neighbours, and none without an order", () => {
    const stages = [stage(1), stage(0), stage(2)];
    expect(boundaries(stages, true).map(([a, b]) => [a.position, b.position])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(boundaries(stages, false)).toEqual([]);
  });
});
