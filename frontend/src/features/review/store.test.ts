import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Decision, QueueItem, Reserved } from "@/api/types";
import type { HistoryEntry, ReviewPorts, View } from "./state";
import { ReviewStore } from "./store";
import { queueItem } from "./testing";

const PROGRESS = { left: 40, mine_today: 5 };

class Bench implements ReviewPorts {
  log: Decision[] = [];
  asksPairs = true;
  remembered: HistoryEntry[] = [];
  reserved: QueueItem[] = [1, 2, 3].map((id) => queueItem(id));
  views: View[] = [];
  reserve = vi.fn((_count: number): Promise<Reserved> => {
    return Promise.resolve({ items: this.reserved, progress: PROGRESS });
  });
  history = {
    load: () => Promise.resolve(this.remembered),
    add: (entry: HistoryEntry) => void this.remembered.push(entry),
    remove: ({ decision }: HistoryEntry) => {
      this.remembered = this.remembered.filter((entry) => entry.decision.key !== decision.key);
    },
  };
  push = (decision: Decision) => void this.log.push(decision);
  pending = () => Promise.resolve([...this.log]);
  pendingHere = () => this.log;
  readonly store: ReviewStore;
  constructor(isOrdered = true) {
    this.store = new ReviewStore({
      stageCount: 5,
      isOrdered,
      scaleId: 7,
      asksPairs: () => this.asksPairs,
      ports: this,
      onShow: (view) => void this.views.push(view),
    });
  }
  get shown(): number | undefined {
    return this.views.at(-1)?.item?.photo_id;
  }
  get queued(): number[] {
    return this.store.getState().queue.map((item) => item.photo_id);
  }
}

describe("ReviewStore", () => {
  let bench: Bench;
  let store: ReviewStore;

  beforeEach(async () => {
    bench = new Bench();
    store = bench.store;
    await store.start();
  });

  it("labels and goes on in the same turn", () => {
    expect(bench.shown).toBe(1);
    store.choose(2);
    expect(bench.shown).toBe(2);
    expect(bench.log).toMatchObject([
      { photo_id: 1, kind: "stage", stage: 2, reservation: "token-1", is_blind: false },
    ]);
  });

  it("confirms the suggestion, but neither on a blind photo nor without one", async () => {
    store.confirm();
    expect(bench.log).toMatchObject([{ kind: "stage", stage: 3 }]);
    bench.reserved = [
      queueItem(11, { is_blind: true, suggestion: null }),
      queueItem(12, { suggestion: null }),
    ];
    await store.refill();
    store.skip();
    expect(store.getState().queue[0]?.is_blind).toBe(true);
    store.confirm();
    expect(store.getState().hint).toBe("blind_no_confirm");
    store.skip();
    store.confirm();
    expect(store.getState().hint).toBe("no_suggestion");
    expect(bench.log.filter((decision) => decision.kind === "stage")).toHaveLength(1);
  });

  it("takes two neighbouring digits for between, in either order", () => {
    store.startPrefix("between");
    store.choose(3);
    store.choose(1);
    expect(store.getState().hint).toBe("between_neighbours");
    store.choose(2);
    expect(bench.log).toMatchObject([{ kind: "between", stage: 2, stage_upper: 3 }]);
    expect(store.getState().prefix).toBeNull();
  });

  it("has no between without an order", async () => {
    const unordered = new Bench(false);
    await unordered.store.start();
    unordered.store.startPrefix("between");
    expect(unordered.store.getState()).toMatchObject({ prefix: null, hint: "between_unordered" });
  });

  it("reads the digit after X and F as a reason, and ignores one without", () => {
    store.startPrefix("cannot_tell");
    store.choose(0);
    store.startPrefix("unusable");
    store.choose(6);
    store.choose(1);
    expect(bench.log).toMatchObject([
      { kind: "cannot_tell", reason: "blurred" },
      { kind: "unusable", reason: "several_stages" },
    ]);
  });

  it("undoes without limit, latest first, and shows each photo again", () => {
    store.choose(0);
    store.skip();
    store.choose(1);
    expect(store.getState().phase).toBe("loading");
    for (const photoId of [3, 2, 1]) {
      store.undo();
      expect(bench.shown).toBe(photoId);
    }
    store.undo();
    expect(store.getState().hint).toBe("nothing_to_undo");
    const undone = bench.log.slice(3).map((decision) => decision.undoes);
    expect(undone).toEqual(
      bench.log
        .slice(0, 3)
        .map((decision) => decision.key)
        .reverse(),
    );
    expect(bench.queued).toEqual([1, 2, 3]);
    store.choose(4);
    expect(bench.log.at(-1)).toMatchObject({ photo_id: 1, reservation: null });
  });

  it("looks back without changing anything, and can take back the photo looked at", () => {
    store.choose(0);
    store.choose(1);
    store.look(1);
    store.look(1);
    expect(bench.shown).toBe(1);
    store.choose(4);
    expect(store.getState().hint).toBe("looking_back");
    expect(bench.log).toHaveLength(2);
    store.undo();
    expect(bench.log.at(-1)).toMatchObject({ kind: "undo", photo_id: 1, undoes: bench.log[0]?.key });
    expect(bench.queued).toEqual([1, 3]);
    expect(store.getState().lookBack).toBe(0);
  });

  it("keeps the photo on screen when the queue behind it changes", async () => {
    bench.reserved = [
      queueItem(8),
      queueItem(3, { reason: "random" }),
      queueItem(1, { reservation: "renewed" }),
    ];
    await store.refill();
    expect(bench.shown).toBe(1);
    expect(bench.queued).toEqual([1, 8, 3]);
    expect(store.getState().queue[0]).toMatchObject({ reservation: "renewed", reason: "boundary" });
  });

  it("does not offer again what is unsent, nor what was decided while the request was under way", async () => {
    store.choose(0);
    let answer: (reserved: Reserved) => void = () => undefined;
    bench.reserve.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const refilled = store.refill();
    await vi.waitFor(() => expect(bench.reserve).toHaveBeenCalledTimes(2));
    store.choose(1);
    bench.log = [];
    answer({ items: [1, 2, 3, 4].map((id) => queueItem(id)), progress: PROGRESS });
    await refilled;
    expect(bench.queued).toEqual([3, 4]);
  });

  it("offers a photo again that the server sent back after it had been decided", async () => {
    store.choose(0);
    bench.log = [];
    bench.reserved = [queueItem(2), queueItem(1, { reason: "sent_back" })];
    await store.refill();
    expect(bench.queued).toEqual([2, 1]);
  });

  it("keeps a photo brought back by undo although the server no longer reserves it", async () => {
    store.choose(0);
    store.undo();
    store.skip();
    store.undo();
    bench.reserved = [queueItem(2), queueItem(3)];
    await store.refill();
    expect(bench.queued).toEqual([1, 2, 3]);
  });

  it("asks for more than unsent decisions still hold", async () => {
    store.choose(0);
    store.choose(0);
    await store.refill();
    expect(bench.reserve).toHaveBeenLastCalledWith(14);
  });

  it("tells an empty queue from a lost server", async () => {
    const empty = new Bench();
    empty.reserved = [];
    await empty.store.start();
    expect(empty.store.getState().phase).toBe("empty");
    const lost = new Bench();
    lost.reserve.mockRejectedValue(new Error("offline"));
    await lost.store.start();
    expect(lost.store.getState().phase).toBe("failed");
  });

  it("counts what is on its way", () => {
    store.choose(0);
    store.skip();
    expect(store.counters()).toMatchObject({ left: 39, mine_today: 6 });
    store.undo();
    store.undo();
    expect(store.counters()).toMatchObject({ left: 40, mine_today: 5 });
  });

  it("sends the comment with the decision it was written for", () => {
    store.setNote("  frost damage ");
    store.choose(0);
    store.choose(0);
    expect(bench.log.map((decision) => decision.note)).toEqual(["frost damage", undefined]);
  });

  it("answers a question with two sides in one key, and only where there is one", () => {
    store.answerPair("left");
    expect(store.getState().hint).toBe("no_pair");
    bench.reserved = [queueItem(11, { pair: { left: 3, right: 2 } }), queueItem(12)];
    return store.refill().then(() => {
      store.skip();
      expect(store.pair).toEqual({ left: 3, right: 2 });
      store.answerPair("right");
      expect(bench.shown).toBe(12);
      expect(bench.log.at(-1)).toMatchObject({ kind: "stage", stage: 2, mode: "pair", photo_id: 11 });
      store.look(1);
      expect(store.pair).toBeNull();
      store.answerPair("left");
      expect(store.getState().hint).toBe("looking_back");
    });
  });

  it("asks no question with two sides of those who want none; digits mean the same either way", async () => {
    bench.reserved = [queueItem(11, { pair: { left: 3, right: 2 } }), queueItem(12)];
    await store.refill();
    store.skip();
    bench.asksPairs = false;
    store.answerPair("left");
    expect(store.getState().hint).toBe("no_pair");
    bench.asksPairs = true;
    store.choose(4);
    expect(bench.log.at(-1)).toMatchObject({ stage: 4, mode: "single" });
  });

  it("says with every decision which scale it means", () => {
    store.choose(0);
    store.skip();
    expect(bench.log.map((decision) => decision.scale)).toEqual([7, 7]);
  });

  it("asks again what was meant in a scale that is no more, and forgets that it was decided", async () => {
    store.choose(0);
    store.choose(1);
    const [first, second] = bench.log.map((decision) => decision.key);
    bench.log = [];
    store.refused([
      { key: first ?? "", asksAgain: true },
      { key: second ?? "", asksAgain: false },
    ]);
    expect(bench.shown).toBe(3);
    expect(bench.queued).toEqual([3, 1]);
    expect(bench.remembered).toEqual([]);
    store.undo();
    expect(store.getState().hint).toBe("nothing_to_undo");
    // The server may not hold a reservation for it any more.
    bench.reserved = [queueItem(3), queueItem(4)];
    await store.refill();
    expect(bench.queued).toEqual([3, 1, 4]);
    store.choose(0);
    store.choose(0);
    expect(bench.log.at(-1)).toMatchObject({ photo_id: 1, reservation: "token-1" });
  });

  it("drops what another tab dealt with, even if the server still offers it", async () => {
    store.setNote("frost");
    store.startPrefix("cannot_tell");
    store.dealtElsewhere(2);
    expect(store.getState()).toMatchObject({ note: "frost", prefix: { kind: "cannot_tell" } });
    store.dealtElsewhere(1);
    expect(bench.shown).toBe(3);
    expect(store.getState()).toMatchObject({ note: "", prefix: null });
    let answer: (reserved: Reserved) => void = () => undefined;
    bench.reserve.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const refilled = store.refill();
    await vi.waitFor(() => expect(bench.reserve).toHaveBeenCalledTimes(2));
    store.dealtElsewhere(4);
    answer({ items: [3, 4, 5].map((id) => queueItem(id)), progress: PROGRESS });
    await refilled;
    expect(bench.queued).toEqual([3, 5]);
  });

  it("remembers what can be undone over a reload", async () => {
    store.choose(0);
    const reloaded = new Bench();
    reloaded.remembered = bench.remembered;
    reloaded.log = bench.log;
    await reloaded.store.start();
    expect(reloaded.queued).toEqual([2, 3]);
    reloaded.store.undo();
    expect(reloaded.shown).toBe(1);
    expect(reloaded.remembered).toEqual([]);
  });
});
