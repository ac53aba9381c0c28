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
  asked: string[][] = [];
  places: string[] = [];
  sentTo: (number | null)[][] = [];
  known = (_project: string, sha256s: string[]) => {
    this.asked.push(sha256s);
    return Promise.resolve(new Map([...this.hashes].filter(([sha256]) => sha256s.includes(sha256))));
  };
  place = (sent: QueuedPhoto) => {
    this.places.push(`${sent.newSite ?? ""}/${sent.newPlant ?? ""}`);
    return Promise.resolve({ siteId: 5, plantId: sent.newPlant ? 6 : null });
  };
  upload = (sent: QueuedPhoto): Promise<UploadAnswer> => {
    this.uploads.push(sent.clientId);
    this.consents.push(sent.location?.consentVersion);
    this.sentTo.push([sent.siteId, sent.plantId]);
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

  it("asks about all that waits at once, and uploads only what is new", async () => {
    for (const id of ["b", "c"]) server.hashes.set(`sha-${id}`, 40);
    server.answers.push(() => ({ kind: "signed_out" }));
    const queue = open();
    await queue.add(photo("first"));
    await queue.send();
    server.asked = [];
    server.uploads = [];
    await Promise.all(["a", "b", "c", "d"].map((id) => queue.add(photo(id))));
    queue.wake();
    await vi.waitFor(() => expect(queue.unsent).toBe(0));
    expect(server.asked.map((hashes) => hashes.length)).toEqual([5]);
    expect(server.uploads).toEqual(["first", "a", "d"]);
  });

  it("asks again after an answer was lost: the server may have the photo", async () => {
    server.answers.push(() => {
      server.hashes.set("sha-a", 9);
      return { kind: "lost" };
    });
    const queue = open();
    await queue.add(photo("a"));
    await queue.send();
    await queue.send();
    expect(server.uploads).toEqual(["a"]);
    expect(queue.getState().photos).toMatchObject([{ state: "received", photoId: 9 }]);
  });

  it("makes a plot and a plant that were added without a signal", async () => {
    const queue = open();
    await queue.add(photo("a", { newSite: "Soto", newPlant: "7" }));
    await queue.add(photo("b", { siteId: 3, newPlant: "8" }));
    await queue.add(photo("c", { siteId: 3, plantId: 4 }));
    await vi.waitFor(() => expect(queue.unsent).toBe(0));
    expect(server.places).toEqual(["Soto/7", "/8"]);
    expect(server.sentTo).toEqual([
      [5, 6],
      [5, 6],
      [3, 4],
    ]);
  });

  it("forgets the places of what waits, also on the next visit", async () => {
    server.answers.push(() => ({ kind: "signed_out" }));
    const queue = open();
    await queue.add(photo("a", { location: { latitude: 41.6, longitude: 0.6, consentVersion: 1 } }));
    await queue.send();
    await queue.forgetPlaces();
    queue.close();
    server.consents = [];
    const after = open();
    await after.start();
    await after.send();
    expect(server.consents).toEqual([undefined]);
  });

  it("keeps a date that was given while the photo was on its way", async () => {
    const queue = open();
    let release = () => {};
    const upload = server.upload;
    server.upload = async (sent) => {
      await new Promise<void>((done) => {
        release = done;
      });
      await upload(sent);
      return { kind: "lost" };
    };
    await queue.add(photo("a"));
    await vi.waitFor(() => expect(states(queue)).toEqual(["sending"]));
    await vi.waitFor(() => expect(release.toString()).not.toBe("() => {}"));
    await queue.update("a", { takenAt: "2026-04-18T12:00:00.000Z" });
    release();
    await vi.waitFor(() => expect(queue.getState().phase).toBe("waiting"));
    expect(queue.getState().photos).toMatchObject([
      { state: "waiting", takenAt: "2026-04-18T12:00:00.000Z" },
    ]);
  });

  it("does not bring back a photo that was taken off while it was on its way", async () => {
    const queue = open();
    server.answers.push(() => ({ kind: "lost" }));
    await queue.add(photo("a"));
    await queue.remove("a");
    await queue.send();
    await queue.start();
    expect(queue.getState().photos).toEqual([]);
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
    expect(luis.getState().others).toBe(1);
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
