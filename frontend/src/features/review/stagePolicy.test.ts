import { describe, expect, it } from "vitest";
import { fitInside, type Held, nearestFirst, plan } from "./stagePolicy";
import { actualSizeScale, FIT, panBy, zoomAt } from "./zoom";

const ready = (bytes = 10): Held => ({ bytes, state: "ready", retryAt: 0 });
const loading = (): Held => ({ bytes: 10, state: "loading", retryAt: 0 });
const failed = (retryAt: number): Held => ({ bytes: 10, state: "failed", retryAt });

function planned(wanted: number[], held: [number, Held][], part: Partial<Parameters<typeof plan>[0]> = {}) {
  const input = {
    wanted,
    held: new Map(held),
    bytesOf: () => 10,
    budgetBytes: 1000,
    maxLoading: 3,
    now: 0,
    ...part,
  };
  return plan(input);
}

describe("plan", () => {
  it("loads the nearest first, three at a time", () => {
    expect(planned([1, 2, 3, 4, 5], []).load).toEqual([1, 2, 3]);
    expect(
      planned(
        [1, 2, 3, 4, 5],
        [
          [1, ready()],
          [2, loading()],
        ],
      ).load,
    ).toEqual([3, 4]);
  });

  it("never lets the photo on screen wait for a place", () => {
    const busy: [number, Held][] = [
      [2, loading()],
      [3, loading()],
      [4, loading()],
    ];
    expect(planned([1, 2, 3, 4], busy).load).toEqual([1]);
  });

  it("throws away what is no longer wanted and what does not fit", () => {
    expect(
      planned(
        [2],
        [
          [1, ready()],
          [2, ready()],
        ],
      ).evict,
    ).toEqual([1]);
    const tight = planned(
      [1, 2, 3],
      [
        [1, ready()],
        [2, ready()],
        [3, ready()],
      ],
      { budgetBytes: 25 },
    );
    expect(tight.evict).toEqual([3]);
    expect(planned([1, 2, 3], [], { budgetBytes: 25 }).load).toEqual([1, 2]);
  });

  it("keeps the photo on screen even if it alone breaks the budget", () => {
    expect(planned([1, 2], [[1, ready(500)]], { budgetBytes: 100 })).toMatchObject({ evict: [], load: [] });
  });

  it("leaves a failed photo alone until its time", () => {
    expect(planned([1], [[1, failed(5_000)]], { now: 4_999 })).toEqual({
      load: [],
      evict: [],
      retryAt: 5_000,
    });
    expect(planned([1], [[1, failed(5_000)]], { now: 5_000 })).toEqual({
      load: [1],
      evict: [],
      retryAt: null,
    });
  });

  it("orders what comes and what was by distance", () => {
    expect(nearestFirst(["+1", "+2"], ["-1", "-2"])).toEqual(["+1", "-1", "+2", "-2"]);
    expect(nearestFirst([], ["-1"])).toEqual(["-1"]);
  });

  it("never crops", () => {
    expect(fitInside({ width: 4000, height: 3000 }, { width: 800, height: 800 })).toEqual({
      width: 800,
      height: 600,
    });
    expect(fitInside({ width: 3000, height: 4000 }, { width: 800, height: 400 })).toEqual({
      width: 300,
      height: 400,
    });
  });
});

describe("zoom", () => {
  const photo = { width: 400, height: 300 };
  const stage = { width: 400, height: 400 };

  it("keeps the point under the pointer in place", () => {
    const at = { x: 50, y: -20 };
    const zoom = zoomAt(FIT, 4, at, photo, stage);
    expect((at.x - zoom.x) / zoom.scale).toBeCloseTo(at.x);
    expect((at.y - zoom.y) / zoom.scale).toBeCloseTo(at.y);
  });

  it("never zooms out beyond the whole photo, nor drags it out of sight", () => {
    expect(zoomAt({ scale: 2, x: 30, y: 0 }, 0.1, { x: 0, y: 0 }, photo, stage)).toEqual(FIT);
    expect(panBy({ scale: 2, x: 0, y: 0 }, 5_000, 5_000, photo, stage)).toEqual({ scale: 2, x: 200, y: 100 });
  });

  it("shows one pixel for one, and always more than the whole", () => {
    expect(actualSizeScale({ width: 3200, height: 2400 }, photo, 2)).toBe(4);
    expect(actualSizeScale({ width: 300, height: 200 }, photo, 1)).toBe(2);
  });
});
