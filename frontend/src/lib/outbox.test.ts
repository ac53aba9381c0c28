import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Decision } from "@/api/types";
import { foldLog } from "./decisions";
import { openBenchDatabase } from "./idb";
import { Outbox, type Send, type SendAnswer } from "./outbox";

const AT = "2026-04-20T10:00:00.000Z";
const PROGRESS = { left: 4, mine_today: 1, mine_total: 9, consensus_total: 20 };
let database = 0;
let open: Outbox[] = [];

function decide(key: string, photoId: number, part: Partial<Decision> = {}): Decision {
  return { key, photo_id: photoId, kind: "stage", stage: 2, decided_at: AT, ...part };
}
function undo(key: string, photoId: number, undoes: string): Decision {
  return decide(key, photoId, { kind: "undo", undoes });
}
function answered(decisions: Decision[], part: Partial<SendAnswer> = {}): SendAnswer {
  const results = decisions.map(({ key, photo_id }) => ({
    key,
    outcome: "applied" as const,
    code: "",
    message: "",
    photo_id,
  }));
  return { status: 201, results, progress: null, code: "", message: "", retryAfterSeconds: null, ...part };
}
function failed(status: number): SendAnswer {
  return answered([], { status, code: "refused", message: "no" });
}

/** A server that applies each key once, as the real one does. */
class Server {
  rows: Decision[] = [];
  requests: Decision[][] = [];
  answers: ((decisions: Decision[]) => SendAnswer)[] = [];
  send: Send = (_project, decisions) => {
    this.requests.push(decisions);
    const special = this.answers.shift();
    if (special) return Promise.resolve(special(decisions));
    return Promise.resolve(this.apply(decisions));
  };
  apply(decisions: Decision[]): SendAnswer {
    for (const decision of decisions) {
      if (!this.rows.some((row) => row.key === decision.key)) this.rows.push(decision);
    }
    return answered(decisions);
  }
  get keys(): string[] {
    return this.rows.map((row) => row.key);
  }
}

function outboxOn(name: string, send: Send, userId = 1): Outbox {
  const outbox = new Outbox({ db: openBenchDatabase(name), userId, send, random: () => 0 });
  open.push(outbox);
  return outbox;
}

describe("Outbox", () => {
  let name: string;
  let server: Server;

  beforeEach(() => {
    database += 1;
    name = `outbox-${database}`;
    server = new Server();
  });
  afterEach(() => {
    for (const outbox of open) outbox.close();
    open = [];
    vi.useRealTimers();
  });

  it("sends decisions of all kinds in the order of the key presses", async () => {
    const outbox = outboxOn(name, server.send);
    void outbox.push("p", decide("a", 1));
    void outbox.push("p", undo("b", 1, "a"));
    void outbox.push("p", decide("c", 1, { stage: 3 }));
    expect(outbox.getState().unsent).toBe(3);
    await outbox.flush();
    expect(server.keys).toEqual(["a", "b", "c"]);
    expect(outbox.getState()).toMatchObject({ unsent: 0, phase: "idle" });
  });

  it("splits by 50 and by project, keeping the order", async () => {
    const outbox = outboxOn(name, server.send);
    for (let n = 0; n < 60; n += 1) void outbox.push("p", decide(`k${n}`, n));
    void outbox.push("q", decide("other", 99));
    await outbox.flush();
    expect(server.requests.map((request) => request.length)).toEqual([50, 10, 1]);
    expect(server.keys).toEqual([...Array.from({ length: 60 }, (_, n) => `k${n}`), "other"]);
  });

  it("repeats a batch whose answer was lost, without a second effect", async () => {
    const outbox = outboxOn(name, server.send);
    server.answers.push((decisions) => {
      server.apply(decisions);
      throw new TypeError("network");
    });
    void outbox.push("p", decide("a", 1));
    await outbox.flush();
    expect(outbox.getState()).toMatchObject({ unsent: 1, phase: "waiting" });
    await outbox.flush();
    expect(server.requests).toHaveLength(2);
    expect(server.keys).toEqual(["a"]);
    expect(outbox.getState().unsent).toBe(0);
  });

  it("retries by itself after the back-off", async () => {
    const outbox = outboxOn(name, server.send);
    server.answers.push(() => failed(503));
    await outbox.push("p", decide("a", 1));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await outbox.flush();
    expect(server.keys).toEqual([]);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(server.keys).toEqual(["a"]));
  });

  it("finds the unsent decisions again after a reload, in order", async () => {
    const before = outboxOn(name, () => Promise.reject(new TypeError("offline")));
    for (const key of ["a", "b", "c"]) void before.push("p", decide(key, key.charCodeAt(0)));
    await before.flush();
    before.close();
    const after = outboxOn(name, server.send);
    expect((await after.pending("p")).map((row) => row.key)).toEqual(["a", "b", "c"]);
    await after.start();
    await after.flush();
    expect(server.keys).toEqual(["a", "b", "c"]);
  });

  it("keeps one user's decisions from another's session", async () => {
    const ana = outboxOn(name, () => Promise.reject(new TypeError("offline")), 1);
    await ana.push("p", decide("a", 1));
    const luis = outboxOn(name, server.send, 2);
    await luis.start();
    await luis.flush();
    expect(luis.getState().unsent).toBe(0);
    expect(server.requests).toEqual([]);
    expect(await ana.pending("p")).toHaveLength(1);
  });

  it.each([401, 403])("pauses on %i and goes on after signing in, dropping nothing", async (status) => {
    const outbox = outboxOn(name, server.send);
    server.answers.push(() => failed(status));
    void outbox.push("p", decide("a", 1));
    await outbox.flush();
    expect(outbox.getState()).toMatchObject({ phase: "signed_out", unsent: 1 });
    void outbox.push("p", decide("b", 2));
    await outbox.flush();
    expect(server.requests).toHaveLength(1);
    outbox.resume();
    await outbox.flush();
    expect(server.keys).toEqual(["a", "b"]);
  });

  it("moves conflicts and refusals to the attention list and sends the rest", async () => {
    const outbox = outboxOn(name, server.send);
    server.answers.push((decisions) => {
      const answer = server.apply(decisions);
      Object.assign(answer.results[1] ?? {}, { outcome: "conflict", code: "settled", message: "Settled" });
      return answer;
    });
    for (const key of ["a", "b", "c"]) void outbox.push("p", decide(key, 1));
    await outbox.flush();
    const { unsent, attention } = outbox.getState();
    expect(unsent).toBe(0);
    expect(attention).toMatchObject([{ key: "b", outcome: "conflict", code: "settled" }]);
    const reopened = outboxOn(name, server.send);
    await reopened.start();
    expect(reopened.getState().attention).toHaveLength(1);
    await reopened.dismiss("b");
    expect(reopened.getState().attention).toEqual([]);
  });

  it("isolates the one decision for which the server refuses the whole batch", async () => {
    const bad = (decisions: Decision[]) => decisions.some((decision) => decision.key === "b");
    const outbox = outboxOn(name, (project, decisions, options) =>
      bad(decisions) ? Promise.resolve(failed(400)) : server.send(project, decisions, options),
    );
    for (const key of ["a", "b", "c"]) void outbox.push("p", decide(key, 1));
    await outbox.flush();
    expect(server.keys).toEqual(["a", "c"]);
    expect(outbox.getState().attention.map((item) => item.key)).toEqual(["b"]);
  });

  it("keeps a decision that the answer does not mention, and all behind it", async () => {
    const outbox = outboxOn(name, server.send);
    server.answers.push((decisions) => ({
      ...answered(decisions),
      results: answered(decisions).results.filter((result) => result.key !== "b"),
    }));
    for (const key of ["a", "b", "c"]) void outbox.push("p", decide(key, 1));
    await outbox.flush();
    expect((await outbox.pending("p")).map((row) => row.key)).toEqual(["b", "c"]);
    expect(outbox.getState().phase).toBe("waiting");
  });

  it("lives on in memory when the browser refuses storage, and says so", async () => {
    const outbox = new Outbox({ db: Promise.reject(new Error("denied")), userId: 1, send: server.send });
    open.push(outbox);
    await outbox.push("p", decide("a", 1));
    await outbox.push("p", decide("b", 2));
    expect(outbox.getState().isDurable).toBe(false);
    await outbox.flush();
    expect(server.keys).toEqual(["a", "b"]);
    expect(outbox.getState().unsent).toBe(0);
  });

  it("posts what is left with keepalive when the page goes away", async () => {
    const sent: { keys: string[]; keepalive: boolean }[] = [];
    const outbox = outboxOn(name, (_project, decisions, { keepalive }) => {
      sent.push({ keys: decisions.map((decision) => decision.key), keepalive });
      return Promise.resolve(answered(decisions));
    });
    await outbox.start();
    void outbox.push("p", decide("a", 1));
    void outbox.push("p", undo("b", 1, "a"));
    window.dispatchEvent(new Event("pagehide"));
    expect(sent).toEqual([{ keys: ["a", "b"], keepalive: true }]);
  });

  it("lets another tab send, and keeps nothing of what that one sent", async () => {
    const [here, there] = [outboxOn(name, server.send), outboxOn(name, server.send)];
    const heard: number[] = [];
    there.onElsewhere((project, decision) => {
      if (project === "p") heard.push(decision.photo_id);
    });
    await here.push("p", decide("a", 1));
    await vi.waitFor(() => expect(heard).toEqual([1]));
    server.answers.push((decisions) => ({ ...server.apply(decisions), progress: PROGRESS }));
    await Promise.all([here.flush(), there.flush()]);
    expect(server.keys).toEqual(["a"]);
    await vi.waitFor(() => expect(here.pendingHere("p")).toEqual([]));
    await vi.waitFor(() => {
      for (const tab of [here, there])
        expect(tab.getState()).toMatchObject({ unsent: 0, progress: { value: PROGRESS } });
    });
  });

  it("forgets several refused decisions at once", async () => {
    const outbox = outboxOn(name, server.send);
    for (const key of ["a", "b"]) {
      server.answers.push((decisions) =>
        answered(decisions, {
          results: decisions.map((one) => ({
            key: one.key,
            outcome: "rejected" as const,
            code: "scale_changed",
            message: "",
            photo_id: one.photo_id,
          })),
        }),
      );
      void outbox.push("p", decide(key, 1));
      await outbox.flush();
    }
    expect(outbox.getState().attention.map((item) => item.code)).toEqual(["scale_changed", "scale_changed"]);
    await outbox.dismiss("a", "b");
    expect(outbox.getState().attention).toEqual([]);
  });
});

describe("foldLog", () => {
  it("hides photos whose act stands and reopens those whose act was taken back", () => {
    const folded = foldLog([
      decide("a", 1),
      decide("b", 2),
      undo("c", 1, "a"),
      decide("d", 3, { kind: "skip" }),
      undo("e", 4, "sent-earlier"),
    ]);
    expect([...folded.settled].sort()).toEqual([2, 3]);
    expect([...folded.reopened].sort()).toEqual([1, 4]);
    expect(folded.net).toBe(0);
  });

  it("follows a photo through decide, undo, decide", () => {
    const log = [decide("a", 1), undo("b", 1, "a"), decide("c", 1)];
    expect([...foldLog(log).settled]).toEqual([1]);
    expect([...foldLog([...log, undo("d", 1, "c")]).reopened]).toEqual([1]);
    expect(foldLog(log).net).toBe(1);
  });
});
