import { beforeEach, describe, expect, it } from "vitest";
import { DWELL_MS, SeenPhotos } from "./seen";

let at = 0;
let seen: SeenPhotos;
beforeEach(() => {
  at = 1000;
  seen = new SeenPhotos(() => at);
});

describe("SeenPhotos", () => {
  it("counts a photo after it was loaded and in view for long enough", () => {
    seen.appear(1);
    at += DWELL_MS;
    expect(seen.isSeen(1)).toBe(false);
    seen.load(1);
    at += DWELL_MS - 1;
    expect(seen.isSeen(1)).toBe(false);
    at += 1;
    expect(seen.isSeen(1)).toBe(true);
  });

  it("starts anew when the photo left in between", () => {
    seen.load(1);
    seen.appear(1);
    at += DWELL_MS - 10;
    seen.leave(1);
    at += DWELL_MS;
    seen.appear(1);
    at += 20;
    expect(seen.isSeen(1)).toBe(false);
  });

  it("stays seen after it scrolled out, and counts a stay that nobody asked about", () => {
    seen.load(1);
    seen.appear(1);
    at += DWELL_MS;
    seen.leave(1);
    expect(seen.isSeen(1)).toBe(true);
  });

  it("does not count time in a hidden tab", () => {
    seen.load(1);
    seen.appear(1);
    seen.showTab(false);
    at += 10 * DWELL_MS;
    expect(seen.isSeen(1)).toBe(false);
    seen.showTab(true);
    expect(seen.isSeen(1)).toBe(false);
    at += DWELL_MS;
    expect(seen.isSeen(1)).toBe(true);
  });

  it("tells when the next one is due", () => {
    expect(seen.dueIn()).toBeNull();
    seen.load(1);
    seen.appear(1);
    at += 100;
    seen.load(2);
    seen.appear(2);
    expect(seen.dueIn()).toBe(DWELL_MS - 100);
    at += DWELL_MS - 100;
    expect(seen.dueIn()).toBe(100);
  });

  it("forgets what is on no page any more, so that a photo that comes back must be looked at again", () => {
    seen.load(1);
    seen.appear(1);
    at += DWELL_MS;
    expect(seen.isSeen(1)).toBe(true);
    seen.forgetAllBut(new Set([2]));
    expect(seen.isSeen(1)).toBe(false);
    seen.remember([1]);
    expect(seen.isSeen(1)).toBe(true);
  });
});
