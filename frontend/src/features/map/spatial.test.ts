import { describe, expect, it } from "vitest";
import { HIDDEN, SpatialIndex, thinned } from "./spatial";

const N = 4000;
const xs = Uint16Array.from({ length: N }, (_, row) => (row * 7919) % 65_001);
const ys = Uint16Array.from({ length: N }, (_, row) => (row * 104_729) % 65_001);
const index = new SpatialIndex(xs, ys);
const all = () => true;

describe("spatial index", () => {
  it("finds the nearest as looking at all of them does", () => {
    for (let turn = 0; turn < 40; turn += 1) {
      const spot = { x: (turn * 1571) % 65_000, y: (turn * 2843) % 65_000 };
      const squares = Array.from(xs, (x, row) => (x - spot.x) ** 2 + ((ys[row] ?? 0) - spot.y) ** 2);
      const closest = Math.min(...squares);
      const found = index.nearest(spot, 3000, all);
      expect(found === null ? null : squares[found]).toBe(closest <= 3000 ** 2 ? closest : null);
    }
  });

  it("passes over what is not shown", () => {
    const spot = { x: xs[5] ?? 0, y: ys[5] ?? 0 };
    expect(index.nearest(spot, 10, all)).toBe(5);
    expect(index.nearest(spot, 10, (row) => row !== 5)).not.toBe(5);
  });

  it("takes what lies inside a line", () => {
    const box = [
      { x: 10_000, y: 20_000 },
      { x: 30_000, y: 20_000 },
      { x: 30_000, y: 50_000 },
      { x: 10_000, y: 50_000 },
    ];
    const wanted = Array.from(xs.keys()).filter((row) => {
      const [x, y] = [xs[row] ?? 0, ys[row] ?? 0];
      return x > 10_000 && x < 30_000 && y > 20_000 && y < 50_000;
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect([...index.within(box, all)]).toEqual(wanted);
    expect([...index.within(box, (row) => row % 2 === 0)]).toEqual(wanted.filter((row) => row % 2 === 0));
  });

  it("leaves the hole of a ring out, and takes nothing for half a line", () => {
    const ring = [
      { x: 0, y: 0 },
      { x: 60_000, y: 0 },
      { x: 60_000, y: 60_000 },
      { x: 0, y: 60_000 },
      { x: 0, y: 0 },
      { x: 20_000, y: 20_000 },
      { x: 20_000, y: 40_000 },
      { x: 40_000, y: 40_000 },
      { x: 40_000, y: 20_000 },
      { x: 20_000, y: 20_000 },
    ];
    const inside = new Set(index.within(ring, all));
    const inHole = Array.from(xs.keys()).filter(
      (row) => Math.abs((xs[row] ?? 0) - 30_000) < 9000 && Math.abs((ys[row] ?? 0) - 30_000) < 9000,
    );
    expect(inHole.length).toBeGreaterThan(10);
    expect(inHole.some((row) => inside.has(row))).toBe(false);
    expect(index.within(ring.slice(0, 2), all)).toHaveLength(0);
  });

  it("bears points that may not be seen, and none at all", () => {
    const some = new SpatialIndex(Uint16Array.of(HIDDEN, 5), Uint16Array.of(HIDDEN, 5));
    expect(some.nearest({ x: 5, y: 5 }, 1, all)).toBe(1);
    expect(
      new SpatialIndex(new Uint16Array(0), new Uint16Array(0)).nearest({ x: 1, y: 1 }, 99, all),
    ).toBeNull();
  });

  it("thins a long line evenly", () => {
    const line = Array.from({ length: 1000 }, (_, at) => ({ x: at, y: 0 }));
    expect(thinned(line, 100)).toHaveLength(100);
    expect(thinned(line.slice(0, 7), 100)).toEqual(line.slice(0, 7));
  });
});
