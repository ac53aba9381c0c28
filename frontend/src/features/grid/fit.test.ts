import { describe, expect, it } from "vitest";
import { aspectOf, fitTiles, GAP, moveTo, type Place, peekPlace, SIZES, sizeStep } from "./fit";

describe("fitTiles", () => {
  const box = { width: 1190, height: 600, headHeight: 0, aspect: 4 / 3 };

  it.each(SIZES)("shows %i tiles without scrolling on a laptop", (n) => {
    const { columns, tileWidth } = fitTiles({ ...box, groups: [n] });
    const rows = Math.ceil(n / columns);
    expect(columns * tileWidth + (columns - 1) * GAP).toBeLessThanOrEqual(box.width);
    expect((rows * tileWidth) / box.aspect + (rows - 1) * GAP).toBeLessThanOrEqual(box.height);
    expect(tileWidth).toBeGreaterThan(100);
  });

  it("makes them as large as fit: no other number of columns is better", () => {
    const { tileWidth } = fitTiles({ ...box, groups: [50] });
    for (let columns = 1; columns <= 50; columns += 1) {
      const rows = Math.ceil(50 / columns);
      const byWidth = (box.width - GAP * (columns - 1)) / columns;
      const byHeight = ((box.height - GAP * (rows - 1)) / rows) * box.aspect;
      expect(tileWidth).toBeGreaterThanOrEqual(Math.floor(Math.min(byWidth, byHeight)));
    }
  });

  it("gives each group rows of its own and room for its heading", () => {
    const { columns, tileWidth } = fitTiles({ ...box, groups: [20, 20], headHeight: 32 });
    const rows = 2 * Math.ceil(20 / columns);
    expect((rows * tileWidth) / box.aspect + (rows - 1) * GAP + 64).toBeLessThanOrEqual(box.height);
  });

  it("scrolls rather than shrink to stamps", () => {
    const { columns, tileWidth } = fitTiles({ ...box, width: 360, height: 200, groups: [60] });
    expect(tileWidth).toBeGreaterThanOrEqual(84);
    expect(columns * tileWidth + (columns - 1) * GAP).toBeLessThanOrEqual(360);
  });
});

describe("aspectOf", () => {
  it("is the shape of most photos, not of the odd panorama, and never extreme", () => {
    const upright = { width: 1200, height: 1600 };
    const lying = { width: 1600, height: 1200 };
    expect(aspectOf([upright, lying, lying])).toBeCloseTo(4 / 3);
    expect(aspectOf([upright, upright, { width: 9000, height: 600 }])).toBeCloseTo(3 / 4);
    expect(aspectOf([{ width: 9000, height: 600 }])).toBe(1.5);
  });
});

describe("sizeStep", () => {
  it("walks along the sizes and stops at the ends", () => {
    expect(sizeStep(30, 1)).toBe(40);
    expect(sizeStep(20, -1)).toBe(20);
    expect(sizeStep(60, 1)).toBe(60);
  });
});

describe("moveTo", () => {
  // 1 2 3
  // 4 5
  const places: Place[] = [
    { id: 1, x: 0, y: 0 },
    { id: 2, x: 100, y: 0 },
    { id: 3, x: 200, y: 0 },
    { id: 4, x: 50, y: 140 },
    { id: 5, x: 150, y: 140 },
  ];
  it.each([
    [1, "right", 2],
    [3, "right", 4],
    [4, "left", 3],
    [1, "left", 1],
    [5, "right", 5],
    [3, "down", 5],
    [4, "up", 1],
    [5, "down", 5],
    [4, "first", 1],
    [1, "last", 5],
    [null, "down", 1],
    [99, "right", 1],
  ] as const)("from %s to the %s is %s", (from, move, to) => {
    expect(moveTo(places, from, move)).toBe(to);
  });
  it("goes nowhere on an empty page", () => {
    expect(moveTo([], 1, "right")).toBeNull();
  });
});

describe("peekPlace", () => {
  const screen = { width: 1000, height: 600 };
  const size = { width: 300, height: 225 };
  it("stands beside the tile on the roomier side", () => {
    const tile = { top: 250, width: 100, height: 100 };
    expect(peekPlace({ ...tile, left: 100 }, size, screen).left).toBe(208);
    expect(peekPlace({ ...tile, left: 800 }, size, screen).left).toBe(492);
  });
  it("stays inside the window", () => {
    const place = peekPlace(
      { left: 450, top: 0, width: 100, height: 100 },
      { width: 900, height: 580 },
      screen,
    );
    expect(place.top).toBe(8);
    expect(place.left).toBeGreaterThanOrEqual(8);
    expect(place.left + 900).toBeLessThanOrEqual(1000);
  });
});
