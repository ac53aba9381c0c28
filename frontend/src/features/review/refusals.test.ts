import { describe, expect, it } from "vitest";
import type { Decision } from "@/api/types";
import { withoutRefused } from "./refusals";
import type { HistoryEntry } from "./state";
import { queueItem } from "./testing";

function entry(photoId: number): HistoryEntry {
  const decision = {
    key: `k${photoId}`,
    photo_id: photoId,
    kind: "stage",
    stage: 1,
    decided_at: "",
  } as Decision;
  return { item: queueItem(photoId), decision };
}
const ids = (entries: readonly HistoryEntry[]) => entries.map(({ item }) => item.photo_id);

describe("refused decisions", () => {
  const history = [1, 2, 3].map(entry);
  const queue = [4, 5].map((id) => queueItem(id));

  it("leave the history; photos asked again come next, and the one on screen stays", () => {
    const desk = withoutRefused({ queue, history, lookBack: 0 }, [
      { key: "k1", asksAgain: true },
      { key: "k3", asksAgain: false },
      { key: "of another project", asksAgain: true },
    ]);
    expect(desk.queue.map((item) => item.photo_id)).toEqual([4, 1, 5]);
    // Nothing was taken, so the reservation stands.
    expect(desk.again.map((item) => item.reservation)).toEqual(["token-1"]);
    expect(ids(desk.history)).toEqual([2]);
    expect(ids(desk.removed)).toEqual([1, 3]);
  });

  it("do not ask twice for a photo that waits already", () => {
    const desk = withoutRefused({ queue: [queueItem(1), queueItem(5)], history, lookBack: 0 }, [
      { key: "k1", asksAgain: true },
    ]);
    expect(desk.queue.map((item) => item.photo_id)).toEqual([1, 5]);
  });

  it("fill an empty desk", () => {
    const desk = withoutRefused({ queue: [], history, lookBack: 0 }, [{ key: "k2", asksAgain: true }]);
    expect(desk.queue.map((item) => item.photo_id)).toEqual([2]);
  });

  it("leave the photo looked at on screen, unless it was refused itself", () => {
    const refusals = [{ key: "k3", asksAgain: true }];
    expect(withoutRefused({ queue, history, lookBack: 2 }, refusals).lookBack).toBe(1);
    expect(withoutRefused({ queue, history, lookBack: 1 }, refusals).lookBack).toBe(0);
  });
});
