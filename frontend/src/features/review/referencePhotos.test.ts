import { describe, expect, it } from "vitest";
import type { Stage } from "@/api/types";
import { examplesFor } from "@/lib/references";

const beside = [20, null, 30, null, 20];
const stage = {
  references: beside.map((of, index) => ({ photo_id: index, beside: of, thumb_url: "", view_url: "" })),
} as Stage;
const order = (of: number | null) => examplesFor(stage, of).map((photo) => photo.photo_id);

describe("examples of a stage", () => {
  it("begins with its own, and with those of the boundary that is asked about", () => {
    expect(order(null)).toEqual([1, 3, 0, 2, 4]);
    expect(order(20)).toEqual([0, 4, 1, 3, 2]);
    expect(order(30)).toEqual([2, 1, 3, 0, 4]);
  });
});
