import { describe, expect, it } from "vitest";
import { accuracyDomain, curvePoints, dotRadius, lowestTick } from "./plots";

describe("plots of a report", () => {
  it("begin at the tenth below everything drawn", () => {
    expect(lowestTick([0.71, 0.83])).toBe(0.7);
    expect(lowestTick([0.7, 0.9])).toBe(0.7);
    expect(lowestTick([])).toBe(0.9);
    expect(lowestTick([0.02, 1])).toBe(0);
    expect(lowestTick([1])).toBe(0.9);
  });

  it("give a dot an area by its photos", () => {
    const [small, large] = [dotRadius(10, 40), dotRadius(40, 40)];
    expect((large - 3) ** 2 / (small - 3) ** 2).toBeCloseTo(4);
    expect(dotRadius(0, 0)).toBe(3);
  });

  it("draw coverage in per cent, and leave room for the experts' level", () => {
    const curve = [
      { coverage: 0.5, accuracy: 0.98 },
      { coverage: 1, accuracy: 0.9 },
    ];
    expect(curvePoints(curve)).toEqual([
      [50, 0.98],
      [100, 0.9],
    ]);
    expect(accuracyDomain(curve, null)).toEqual([0.9, 1]);
    expect(accuracyDomain(curve, 0.78)).toEqual([0.7, 1]);
  });
});
