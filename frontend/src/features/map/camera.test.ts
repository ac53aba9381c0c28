import { describe, expect, it } from "vitest";
import {
  type Camera,
  cameraFrom,
  cameraText,
  panned,
  SIDE,
  toMap,
  toScreen,
  WHOLE,
  zoomedAt,
} from "./camera";

const BOX = { width: 800, height: 600 };
const NEAR: Camera = { x: 20_000, y: 40_000, zoom: 8 };

describe("camera", () => {
  it("goes to the screen and back", () => {
    const spot = toScreen(NEAR, BOX, { x: 21_000, y: 39_000 });
    const back = toMap(NEAR, BOX, spot);
    expect(back.x).toBeCloseTo(21_000, 6);
    expect(back.y).toBeCloseTo(39_000, 6);
  });

  it("shows the whole map at first", () => {
    for (const point of [
      { x: 0, y: 0 },
      { x: SIDE, y: SIDE },
    ]) {
      const { x, y } = toScreen(WHOLE, BOX, point);
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(BOX.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(BOX.height);
    }
  });

  it("keeps what is under the pointer there while zooming", () => {
    const at = { x: 200, y: 450 };
    const before = toMap(NEAR, BOX, at);
    const after = toMap(zoomedAt(NEAR, BOX, at, 1.7), BOX, at);
    expect(after.x).toBeCloseTo(before.x, 3);
    expect(after.y).toBeCloseTo(before.y, 3);
  });

  it("moves with the hand, and never off the map", () => {
    const moved = panned(NEAR, BOX, 30, -20);
    const spot = toScreen(moved, BOX, { x: NEAR.x, y: NEAR.y });
    expect(spot.x).toBeCloseTo(430, 3);
    expect(spot.y).toBeCloseTo(280, 3);
    expect(panned(NEAR, BOX, 1e9, 1e9)).toMatchObject({ x: 0, y: 0 });
  });

  it("is kept in the address, and nonsense there shows everything", () => {
    expect(cameraText(WHOLE)).toBeUndefined();
    expect(cameraFrom(cameraText(NEAR))).toEqual(NEAR);
    for (const text of [undefined, "", "1_2", "a_b_c", "1_2_3_4", "1_2_0", "1_2_1e99"]) {
      expect(cameraFrom(text)).toEqual(WHOLE);
    }
  });
});
