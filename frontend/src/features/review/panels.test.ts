import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Stage } from "@/api/types";
import { Panels } from "./panels";
import { queueItem } from "./testing";

const STAGES = Array.from({ length: 5 }, (_, position) => ({ position })) as Stage[];

describe("Panels", () => {
  beforeEach(() => localStorage.clear());

  it("remembers what stands open, but not which stage was looked at", () => {
    const panels = new Panels(STAGES);
    expect(panels.getState()).toMatchObject({ isReferenceOpen: false, isNeighboursOpen: true });
    panels.toggleReference();
    panels.toggle("neighbours");
    panels.moveReference(1, queueItem(1), null);
    expect(new Panels(STAGES).getState()).toEqual({
      isReferenceOpen: true,
      isNeighboursOpen: false,
      isHistoryOpen: true,
      chosen: null,
    });
  });

  it("opens the references instead of moving them while they are closed", () => {
    const panels = new Panels(STAGES);
    panels.moveReference(1, queueItem(1), null);
    expect(panels.getState()).toMatchObject({ isReferenceOpen: true, chosen: null });
    panels.moveReference(1, queueItem(1), null);
    expect(panels.centre(queueItem(1), null)).toBe(4);
  });

  it("keeps the chosen stage for this photo; the next begins at its own", () => {
    const panels = new Panels(STAGES);
    panels.toggleReference();
    panels.moveReference(-1, queueItem(1), null);
    panels.moveReference(-1, queueItem(1), null);
    expect(panels.centre(queueItem(1), 0)).toBe(1);
    expect(panels.centre(queueItem(2), 0)).toBe(3);
    // On a blind photo, where it was left.
    expect(panels.centre(queueItem(3, { is_blind: true }), 0)).toBe(1);
  });

  it("works without storage, and with nonsense in it", () => {
    localStorage.setItem("antesis.review.panels", '{"isReferenceOpen":"yes"}');
    expect(new Panels(STAGES).getState().isReferenceOpen).toBe(false);
    localStorage.setItem("antesis.review.panels", "{");
    const panels = new Panels(STAGES);
    const denied = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new Error("full");
    });
    panels.toggleReference();
    expect(panels.getState().isReferenceOpen).toBe(true);
    denied.mockRestore();
  });
});
