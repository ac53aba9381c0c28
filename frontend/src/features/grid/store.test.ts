import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Decision, QueueItem, TriageReserved } from "@/api/types";
import type { Choice, Lot } from "./lot";
import { GridStore } from "./store";
import { tilesOf } from "./testing";

const progress = { left: 10, mine_today: 0, mine_total: 0, consensus_total: 0 };
const FLOWER: Choice = { kind: "stage", position: 3 };
const ids = (items: readonly { photo_id: number }[]) => items.map((item) => item.photo_id);

let pushed: Decision[];
let unsent: Decision[];
let kept: Lot[];
let unseen: Set<number>;
let answers: (TriageReserved | Error)[];
const reserve = vi.fn((_choice: Choice, _count: number) => {
  const answer = answers.shift() ?? new Error("offline");
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
});

function answer(items: QueueItem[], has_more = false): TriageReserved {
  return { items, has_more, progress };
}

function makeStore(size = 20): GridStore {
  return new GridStore({
    scaleId: 5,
    stageCount: 7,
    size,
    ports: {
      push: (decision) => {
        pushed.push(decision);
        unsent.push(decision);
      },
      pending: () => Promise.resolve([...unsent]),
      pendingHere: () => unsent,
      reserve,
      lots: {
        load: () => Promise.resolve([...kept]),
        add: (lot) => kept.push(lot),
        remove: (lot) => {
          kept = kept.filter((other) => other.id !== lot.id);
        },
      },
      isSeen: (id) => !unseen.has(id),
      now: () => new Date("2026-04-20T10:00:00Z"),
    },
  });
}

async function opened(items: QueueItem[], { size = 20, hasMore = false } = {}): Promise<GridStore> {
  answers = [answer(items, hasMore)];
  const store = makeStore(size);
  await store.start();
  store.choose(FLOWER);
  await store.refill();
  return store;
}

beforeEach(() => {
  pushed = [];
  unsent = [];
  kept = [];
  unseen = new Set();
  answers = [];
  reserve.mockClear();
});

describe("GridStore", () => {
  it("shows a page and holds the next one behind it", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]), { size: 3 });
    expect(ids(store.getState().tiles)).toEqual([1, 2, 3]);
    expect(ids(store.getState().next)).toEqual([4, 5]);
    expect(store.getState().phase).toBe("ready");
  });

  it("saves the page as one lot and shows the next in the same turn", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]), { size: 3 });
    store.toggle(2);
    store.confirm();
    expect(pushed.map(({ photo_id, kind, stage }) => [photo_id, kind, stage])).toEqual([
      [1, "stage", 3],
      [2, "skip", undefined],
      [3, "stage", 3],
    ]);
    expect(ids(store.getState().tiles)).toEqual([4, 5]);
    expect(store.getState().marks.size).toBe(0);
    expect(store.getState().cursor).toBe(4);
  });

  it("leaves what was not seen on the page, in front of the next", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]), { size: 3 });
    unseen = new Set([3]);
    store.confirm();
    expect(ids(pushed.map(({ photo_id }) => ({ photo_id })))).toEqual([1, 2]);
    expect(ids(store.getState().tiles)).toEqual([3, 4, 5]);
  });

  it("says so when there is nothing to save", async () => {
    const store = await opened(tilesOf([1]));
    unseen = new Set([1]);
    store.confirm();
    expect(pushed).toEqual([]);
    expect(store.getState().hint).toBe("nothing_to_save");
  });

  it("brings the whole lot back as it was, and what was on screen goes behind it", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]), { size: 3 });
    store.toggle(1);
    store.relabel(6);
    store.toggle(2);
    store.confirm();
    store.toggle(4);
    store.undo();
    const undone = pushed.slice(3);
    expect(undone.map((decision) => decision.undoes)).toEqual(pushed.slice(0, 3).map(({ key }) => key));
    expect(ids(store.getState().tiles)).toEqual([1, 2, 3]);
    expect(ids(store.getState().next)).toEqual([4, 5]);
    expect([1, 2, 3].map((id) => store.look(id))).toEqual(["stage 6 cursor", "out", "in"]);
    expect(kept).toEqual([]);
  });

  it("confirms a lot again after undo, although its first decisions are still unsent", async () => {
    const store = await opened(tilesOf([1, 2]));
    store.confirm();
    store.undo();
    answers = [answer(tilesOf([1, 2]))];
    await store.refill();
    expect(ids(store.getState().tiles)).toEqual([1, 2]);
    store.confirm();
    expect(pushed.filter((decision) => decision.kind === "stage")).toHaveLength(4);
  });

  it("undoes lots of an earlier visit", async () => {
    const first = await opened(tilesOf([1, 2]));
    first.confirm();
    const second = await opened(tilesOf([7]));
    second.undo();
    expect(ids(second.getState().tiles)).toEqual([1, 2]);
    expect(ids(second.getState().next)).toEqual([7]);
    second.undo();
    expect(second.getState().hint).toBe("nothing_to_undo");
  });

  it("goes back to the stage of the lot that is undone", async () => {
    const store = await opened(tilesOf([1, 2]));
    store.confirm();
    answers = [answer(tilesOf([8], 4))];
    store.choose({ kind: "stage", position: 4 });
    await store.refill();
    store.undo();
    expect(store.getState().choice).toEqual(FLOWER);
    expect(ids(store.getState().tiles)).toEqual([1, 2]);
    expect(store.getState().next).toEqual([]);
  });

  it("drops an answer for a stage that was left meanwhile", async () => {
    const store = await opened(tilesOf([1]));
    let late: (reserved: TriageReserved) => void = () => undefined;
    reserve.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    const waiting = store.refill();
    await Promise.resolve();
    answers = [answer(tilesOf([8], 4))];
    store.choose({ kind: "stage", position: 4 });
    await store.refill();
    late(answer(tilesOf([1, 2])));
    await waiting;
    expect(ids(store.getState().tiles)).toEqual([8]);
  });

  it("does not show again what was decided while a request was under way", async () => {
    const store = await opened(tilesOf([1, 2]));
    let late: (reserved: TriageReserved) => void = () => undefined;
    reserve.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    const waiting = store.refill();
    await vi.waitFor(() => expect(reserve).toHaveBeenCalledTimes(2));
    store.confirm();
    unsent = [];
    late(answer(tilesOf([1, 2, 3])));
    await waiting;
    expect(ids(store.getState().tiles)).toEqual([3]);
  });

  it("marks a stretch with Shift, by clicks and by arrows", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]));
    store.toggle(2);
    store.toggle(4, true);
    expect([1, 2, 3, 4, 5].map((id) => store.look(id).startsWith("out"))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    store.toggleAll();
    store.toggleAll();
    store.moveCursor(3);
    store.moveCursor(4, true);
    store.moveCursor(5, true);
    expect([1, 2, 3, 4, 5].map((id) => store.look(id).startsWith("out"))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it("corrects the tile at the cursor when none is out", async () => {
    const store = await opened(tilesOf([1, 2]));
    store.moveCursor(2);
    store.relabel(5);
    expect([store.look(1), store.look(2)]).toEqual(["in", "stage 5 cursor"]);
    store.relabel(99);
    expect(store.look(2)).toBe("stage 5 cursor");
  });

  it("keeps marked tiles on a page that shrinks", async () => {
    const store = await opened(tilesOf([1, 2, 3, 4, 5]), { size: 5 });
    store.toggle(5);
    answers = [answer(tilesOf([1, 2, 3, 4, 5]))];
    store.setSize(3);
    await store.refill();
    expect(ids(store.getState().tiles)).toEqual([1, 2, 3, 5]);
    expect(ids(store.getState().next)).toEqual([4]);
  });

  it("gives back what is not dealt with, what came back by an undo too", async () => {
    const store = await opened(tilesOf([1, 2, 3]), { size: 2 });
    store.confirm();
    expect(store.held()).toEqual([3]);
    store.undo();
    expect(store.held()).toEqual([1, 2, 3]);
  });

  it("tells a failed request from an empty stage", async () => {
    const store = await opened([]);
    expect(store.getState().phase).toBe("empty");
    answers = [new Error("offline")];
    await store.refill();
    expect(store.getState().phase).toBe("failed");
  });
});
