import { describe, expect, it } from "vitest";
import { linear, niceTicks } from "./scales";

describe("niceTicks", () => {
  it("gives round values inside the range", () => {
    expect(niceTicks(0, 1)).toEqual([0, 0.5, 1]);
    expect(niceTicks(0.13, 0.87)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(niceTicks(1, 12, 8)).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it("survives an empty range", () => {
    expect(niceTicks(3, 3)).toEqual([3]);
  });
});

describe("linear", () => {
  it("maps ends to ends and does not divide by zero", () => {
    const y = linear([0, 10], [100, 0]);
    expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
    expect(linear([4, 4], [0, 10])(4)).toBe(0);
  });
});
