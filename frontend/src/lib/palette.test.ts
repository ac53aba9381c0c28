import { describe, expect, it } from "vitest";
import { inkOn, luminance, stageColor } from "./palette";

const contrast = (a: string, b: string) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

describe("stageColor", () => {
  it("gives the measured palette for seven stages", () => {
    expect(Array.from({ length: 7 }, (_, position) => stageColor(position, 7))).toEqual([
      "#440154",
      "#453581",
      "#33628d",
      "#23888e",
      "#26ad81",
      "#6ccd5a",
      "#d2e21b",
    ]);
  });

  it("grows lighter along any scale, so that the order shows without hue", () => {
    for (const count of [2, 3, 5, 9, 20]) {
      const lights = Array.from({ length: count }, (_, position) => luminance(stageColor(position, count)));
      expect([...lights].sort((a, b) => a - b)).toEqual(lights);
    }
  });

  it("keeps to the ends for positions outside", () => {
    expect(stageColor(-3, 4)).toBe("#440154");
    expect(stageColor(99, 4)).toBe("#d2e21b");
    expect(stageColor(0, 1)).toBe("#440154");
  });
});

describe("inkOn", () => {
  it("always reads at 4.5:1 or better", () => {
    for (let position = 0; position < 40; position += 1) {
      const color = stageColor(position, 40);
      expect(contrast(inkOn(color), color)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
