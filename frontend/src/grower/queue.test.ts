import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  GrowerQueue,
  type GrowerServer,
  MAX_PHOTOS,
  openGrowerDatabase,
  type QueuedPhoto,
  QueueFull,
  type UploadAnswer,
} from "./queue";

let database = 0;
let clock = 0;

function photo(clientId: string, part: Partial<QueuedPhoto> = {}): QueuedPhoto {
  clock += 1;
  return {
    clientId,
    userId: 1,
    project: "p",
    siteId: null,
    plantId: null,
    place: "",
    takenAt: null,
    location: null,
    sha256: `sha-${clientId}`,
    blob: new Blob([clientId]),
    thumb: new Blob(["t"]),
    bytes: 10,
    createdAt: Date.now() + clock,
    state: "waiting",
    photoId: null,
    isDuplicate: false,
    problem: "",
    ...part,
  };
}

class Server implements GrowerServer {
  uploads: string[] = [];
  consents: unknown[] = [];
  answers: (() => UploadAnswer)[] = [];
  hashes = new Map<string, number>();
  known = (_project: string, sha256: string) => Promise.resolve(this.hashes.get(sha256) ?? null);
  upload = (sent: QueuedPhoto): Promise<UploadAnswer> => {
    this.uploads.push(sent.clientId);
    this.consents.push(sent.location?.consentVersion);
    const special = this.answers.shift();
    if (special) return Promise.resolve().then(special);
    const receipt = {
      id: 7,
      sha256: sent.sha256,
      status: "received" as const,
      rejection: "",
      is_duplicate: false,
    };
    return Promise.resolve({ kind: "received", receipt });
  };
}

describe("GrowerQueue", () => {
  let name: string;
  let server: Server;
  let queues: GrowerQueue[];
  const open = (userId = 1) => {
    const queue = new GrowerQueue(openGrowerDatabase(name), userId, server, () => 0);
    queues.push(queue);
    return queue;
  };
  const states = (queue: GrowerQueue) => queue.getState().photos.map(({ state }) => state);

  beforeEach(() => {
    database += 1;
    name = `grower-${database}`;
    server = new Server();
    queues = [];
  });
  afterEach(() => {
    for (const queue of queues) queue.close();
  });

  it("sends one at a time, oldest first, and lets go of the bytes", async () => {
    const queue = open();
    await Promise.all(["a", "b", "c"].map((id) => queue.add(photo(id))));
    await queue.send();
    await queue.send();
    expect(server.uploads).toEqual(["a", "b", "c"]);
    expect(states(queue)).toEqual(["received", "received", "received"]);
    expect(queue.getState().photos.every(({ blob }) => blob === null)).toBe(true);
  });

  it("keeps photos over a closed page and sends them on the next visit", async () => {
    server.answers.push(() => ({ kind: "lost" }));
    const before = open();
    await before.add(photo("a"));
    await before.send();
    expect(before.getState().phase).toBe("waiting");
    before.close();
    const after = open();
    await after.start();
    await after.send();
    expect(server.uploads).toEqual(["a", "a"]);
    expect(states(after)).toEqual(["received"]);
  });

  it("sends rows of an earlier release with a consent version that the server takes", async () => {
    const location = { latitude: 41.6, longitude: 0.6, consentVersion: "2026-1" as unknown as number };
    const db = await openGrowerDatabase(name);
    await db.put("photos", photo("a", { location }));
    db.close();
    const queue = open();
    await queue.start();
    await queue.send();
    expect(server.consents).toEqual([1]);
  });

  it("does not upload what the server has already", async () => {
    server.hashes.set("sha-a", 41);
    const queue = open();
    await queue.add(photo("a"));
    await queue.send();
    expect(server.uploads).toEqual([]);
    expect(queue.getState().photos[0]).toMatchObject({ state: "received", photoId: 41, isDuplicate: true });
  });

  it("shows a refusal with its code and goes on with the next", async () => {
    server.answers.push(() => ({ kind: "refused", code: "too_large" }));
    const queue = open();
    await Promise.all([queue.add(photo("a")), queue.add(photo("b"))]);
    await queue.send();
    await queue.send();
    expect(queue.getState().photos).toMatchObject([
      { state: "refused", problem: "too_large" },
      { state: "received" },
    ]);
  });

  it("waits for the grower to sign in again", async () => {
    server.answers.push(() => ({ kind: "signed_out" }));
    const queue = open();
    await queue.add(photo("a"));
    await queue.send();
    expect(queue.getState().phase).toBe("signed_out");
    await queue.send();
    expect(server.uploads).toEqual(["a"]);
    queue.wake();
    await vi.waitFor(() => expect(states(queue)).toEqual(["received"]));
  });

  it("never sends one grower's photos as another", async () => {
    server.answers.push(() => ({ kind: "lost" }));
    const ana = open(1);
    await ana.add(photo("a"));
    await ana.send();
    const luis = open(2);
    await luis.start();
    await luis.send();
    expect(server.uploads).toEqual(["a"]);
    expect(luis.getState().photos).toEqual([]);
  });

  it("stops in time when too much waits", async () => {
    server.answers.push(() => ({ kind: "signed_out" }));
    const queue = open();
    await queue.add(photo("first"));
    await queue.send();
    for (let index = 1; index < MAX_PHOTOS; index += 1) await queue.add(photo(`n${index}`));
    await expect(queue.add(photo("one too many"))).rejects.toBeInstanceOf(QueueFull);
    expect(queue.unsent).toBe(MAX_PHOTOS);
  });
});
