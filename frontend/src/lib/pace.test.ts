import { describe, expect, it } from "vitest";
import { PaceMeter } from "./pace";

function meter(...looks: [done: number, at: number][]): PaceMeter {
  const made = new PaceMeter();
  for (const [done, at] of looks) made.look(done, at);
  return made;
}

describe("PaceMeter", () => {
  it("says nothing until two looks lie apart", () => {
    expect(meter().pace(10)).toBeNull();
    expect(meter([0, 0], [5, 1000]).pace(10)).toBeNull();
  });

  it("tells rate and what is left", () => {
    expect(meter([0, 0], [100, 2000]).pace(600)).toEqual({ perSecond: 50, secondsLeft: 10 });
  });

  it("goes by the last seconds, not by the whole of it", () => {
    const looks: [number, number][] = [[0, 0]];
    for (let at = 2000; at <= 60_000; at += 2000) looks.push([at <= 30_000 ? 0 : (at - 30_000) / 10, at]);
    expect(meter(...looks).pace(6000)?.perSecond).toBeCloseTo(100);
  });

  it("has no end for what stands still", () => {
    expect(meter([7, 0], [7, 4000]).pace(9)).toEqual({ perSecond: 0, secondsLeft: null });
  });

  it("begins anew with work that begins anew", () => {
    expect(meter([500, 0], [900, 2000], [0, 4000], [20, 6000]).pace(100)?.perSecond).toBe(10);
  });
});
