import { describe, expect, it } from "vitest";
import type { ForecastCurve } from "@/api/types";
import { neededAt, roughly, targetAt } from "./forecast";

const curve = {
  needed: [90, 432, null, null],
  needed_low: [60, 180, 900, null],
  needed_high: [150, null, null, null],
} as unknown as ForecastCurve;

describe("neededAt", () => {
  it("tells what is reached, what is still to come, and what is out of sight", () => {
    expect(neededAt(curve, 0, 100)).toEqual({ state: "reached", more: 0, low: 0, high: 50 });
    expect(neededAt(curve, 1, 100)).toEqual({ state: "more", more: 330, low: 80, high: null });
    expect(neededAt(curve, 2, 100)).toEqual({ state: "never", more: null, low: 800, high: null });
    expect(neededAt(curve, 3, 100)).toEqual({ state: "never", more: null, low: 0, high: null });
  });
});

it("rounds to two digits", () => {
  expect([0, 7, 12, 348, 12_750].map(roughly)).toEqual([0, 7, 12, 350, 13_000]);
});

it("finds the told target nearest to the one wanted", () => {
  expect(targetAt([0.5, 0.51, 0.52], 0.514)).toBe(1);
  expect(targetAt([0.5, 0.51, 0.52], 0.9)).toBe(2);
  expect(targetAt([], 0.9)).toBe(0);
});
