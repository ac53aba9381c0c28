import { describe, expect, it } from "vitest";
import { isRuledOut, likeliest } from "./season";

describe("likeliest", () => {
  it("names one stage that has half, else the first two in stage order", () => {
    expect(likeliest([0.2, 0.5, 0.3])).toEqual([1, null]);
    expect(likeliest([0.2, 0.35, 0.45])).toEqual([1, 2]);
    expect(likeliest([1])).toEqual([0, null]);
  });
});

describe("isRuledOut", () => {
  it("only beyond the bounds, and only where there is a suggestion", () => {
    const bounds = { lower: 2, upper: 4 };
    expect([1, 2, 3, 4, 5].map((at) => isRuledOut(at, bounds))).toEqual([true, false, false, false, true]);
    expect(isRuledOut(null, bounds)).toBe(false);
    expect(isRuledOut(undefined, bounds)).toBe(false);
    expect(isRuledOut(0, { lower: 0, upper: 0 })).toBe(false);
  });
});
