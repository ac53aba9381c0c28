import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { ApiError } from "@/api/client";
import type { PhotoReceipt } from "@/api/types";
import { backoffDelay } from "@/lib/backoff";

export type SendState = "waiting" | "sending" | "received" | "refused";

/** A photo on this phone, from the moment it was picked. */
export interface QueuedPhoto {
  clientId: string;
  userId: number;
  project: string;
  siteId: number | null;
  plantId: number | null;
  /** Names of a plot or plant that was added without a signal: the server makes them when the photo is sent. */
  newSite?: string | undefined;
  newPlant?: string | undefined;
  place: string;
  takenAt: string | null;
  location: { latitude: number; longitude: number; consentVersion: number } | null;
  sha256: string;
  /** Dropped once the server has the photo. */
  blob: Blob | null;
  /** Null where the browser cannot show the file (HEIC). */
  thumb: Blob | null;
  bytes: number;
  createdAt: number;
  state: SendState;
  photoId: number | null;
  isDuplicate: boolean;
  /** Stable code of the server's refusal. */
  problem: string;
}

interface GrowerSchema extends DBSchema {
  photos: { key: string; value: QueuedPhoto };
}
export type GrowerDatabase = IDBPDatabase<GrowerSchema>;

export function openGrowerDatabase(name = "antesis-grower"): Promise<GrowerDatabase> {
  return openDB<GrowerSchema>(name, 1, {
    upgrade(db) {
      db.createObjectStore("photos", { keyPath: "clientId" });
    },
  });
}

/** How the server answered; `lost` stands for no answer, too busy and the like: try again later. */
export type UploadAnswer =
  | { kind: "received"; receipt: PhotoReceipt }
  | { kind: "refused"; code: string }
  | { kind: "signed_out" }
  | { kind: "lost" };

export interface GrowerServer {
  /** Ids of the photos the server has already, by hash; rejects when it does not answer. At most 500 at a time. */
  known(project: string, sha256s: string[]): Promise<Map<string, number>>;
  /** Makes plot and plant that were added without a signal; answers their ids. */
  place(photo: QueuedPhoto): Promise<{ siteId: number | null; plantId: number | null }>;
  upload(photo: QueuedPhoto): Promise<UploadAnswer>;
}

export interface GrowerQueueState {
  photos: readonly QueuedPhoto[];
  phase: "idle" | "sending" | "waiting" | "signed_out";
  /** Unsent photos of other people who use this phone. */
  others: number;
}

export const MAX_PHOTOS = 200;
export const MAX_BYTES = 500 * 1024 * 1024;
/** Hashes the server is asked about at a time. */
const MAX_ASKED = 500;
/** Photos the server has are kept in the list this long, so that a closed page does not forget them. */
const KEEP_RECEIVED_MS = 24 * 3600_000;

export class QueueFull extends Error {}

/**
 * Photos waiting for a signal, in the browser's database: they survive a closed page and a flat battery.
 *
 * One is sent at a time, oldest first; each carries its own id, so that one sent twice is one photo. Before anything is
 * sent, the server is asked which of all that waits it has already: a duplicate costs no upload, nor does a photo of
 * which only the answer was lost. Used by the page and, when it is closed, by the service worker; a lock of the browser
 * lets only one of them send.
 */
export class GrowerQueue {
  private state: GrowerQueueState = { photos: [], phase: "idle", others: 0 };
  private readonly listeners = new Set<() => void>();
  private sending: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private isClosed = false;
  /** What the server said in this round about the hashes it was asked. */
  private answers = new Map<string, number | null>();

  constructor(
    private readonly db: Promise<GrowerDatabase>,
    private readonly userId: number,
    private readonly server: GrowerServer,
    private readonly random: () => number = Math.random,
  ) {}

  getState = (): GrowerQueueState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get unsent(): number {
    return this.state.photos.filter(isUnsent).length;
  }

  /** Reads what earlier visits left and goes on sending it. */
  async start(): Promise<void> {
    await this.reload();
    void this.send();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  /**
   * Stores a photo and starts sending.
   *
   * @throws QueueFull when 200 photos or 500 MB wait, or the phone has no room left.
   */
  async add(photo: QueuedPhoto): Promise<void> {
    const waiting = this.state.photos.filter(({ blob }) => blob !== null);
    const bytes = waiting.reduce((sum, each) => sum + each.bytes, photo.bytes);
    if (waiting.length >= MAX_PHOTOS || bytes > MAX_BYTES) throw new QueueFull();
    try {
      await (await this.db).put("photos", photo);
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw new QueueFull();
      throw error;
    }
    this.change({ photos: [...this.state.photos, photo] });
    void this.send();
  }

  /** Changes what is said of a photo while it waits; a photo that has gone meanwhile stays as it went. */
  async update(
    clientId: string,
    part: Pick<QueuedPhoto, "takenAt"> | Pick<QueuedPhoto, "location">,
  ): Promise<void> {
    const photo = this.state.photos.find((each) => each.clientId === clientId);
    if (photo && isUnsent(photo)) await this.put({ ...photo, ...part });
  }

  /** Forgets where the photos that wait were taken: consent was taken back. */
  async forgetPlaces(): Promise<void> {
    const placed = this.state.photos.filter((photo) => isUnsent(photo) && photo.location);
    for (const { clientId } of placed) await this.update(clientId, { location: null });
  }

  /** Takes a photo off the list: one that waits, a refused one that was read, or a received one. */
  async remove(clientId: string): Promise<void> {
    await (await this.db).delete("photos", clientId);
    this.change({ photos: this.state.photos.filter((photo) => photo.clientId !== clientId) });
  }

  /** Call when the signal is back or the grower has signed in. */
  wake(): void {
    this.attempt = 0;
    if (this.state.phase === "signed_out") this.change({ phase: "idle" });
    void this.send();
  }

  /** Sends until nothing waits or the server does not answer. Calls made meanwhile share the one under way. */
  send(): Promise<void> {
    clearTimeout(this.timer);
    this.sending ??= this.inTurn(() => this.drain()).finally(() => {
      this.sending = null;
      // Added after the loop had looked for the last time.
      if (this.state.phase === "idle" && this.next() && !this.isClosed) void this.send();
    });
    return this.sending;
  }

  private async drain(): Promise<void> {
    if (this.state.phase === "signed_out" || this.isClosed) return;
    await this.reload();
    this.answers.clear();
    for (let photo = this.next(); photo && !this.isClosed; photo = this.next()) {
      this.change({ phase: "sending" });
      await this.put({ ...photo, state: "sending" });
      const answer = await this.deliver(photo);
      const { clientId } = photo;
      // What the grower changed while it was on its way is kept.
      const present = this.state.photos.find((each) => each.clientId === clientId);
      if (answer.kind === "signed_out" || answer.kind === "lost") {
        if (present) await this.put({ ...present, state: "waiting" });
        this.pause(answer.kind);
        return;
      }
      if (present) await this.put(settledPhoto(present, answer));
      this.attempt = 0;
    }
    this.change({ phase: "idle" });
  }

  private async deliver(photo: QueuedPhoto): Promise<UploadAnswer> {
    try {
      const id = await this.idAtServer(photo);
      if (id !== null) {
        const { sha256 } = photo;
        const receipt = { id, sha256, status: "received" as const, rejection: "", is_duplicate: true };
        return { kind: "received", receipt };
      }
      if (!photo.newSite && !photo.newPlant) return await this.server.upload(photo);
      const made = await this.server.place(photo);
      return await this.server.upload({ ...photo, ...made });
    } catch (error) {
      return { kind: isSignedOut(error) ? "signed_out" : "lost" };
    }
  }

  /** Asks about all that waits at once, and then only about what was added since. */
  private async idAtServer({ project, sha256 }: QueuedPhoto): Promise<number | null> {
    if (!sha256) return null;
    if (!this.answers.has(sha256)) {
      const waiting = this.state.photos.filter((photo) => isUnsent(photo) && photo.project === project);
      const asked = [...new Set([sha256, ...waiting.map((photo) => photo.sha256)])].filter(
        (hash) => hash && !this.answers.has(hash),
      );
      const known = await this.server.known(project, asked.slice(0, MAX_ASKED));
      for (const hash of asked.slice(0, MAX_ASKED)) this.answers.set(hash, known.get(hash) ?? null);
    }
    return this.answers.get(sha256) ?? null;
  }

  private pause(kind: "signed_out" | "lost"): void {
    if (kind === "signed_out") {
      this.change({ phase: "signed_out" });
      return;
    }
    this.attempt += 1;
    this.change({ phase: "waiting" });
    this.timer = setTimeout(() => void this.send(), backoffDelay(this.attempt, this.random));
  }

  private next(): QueuedPhoto | undefined {
    return this.state.photos.find((photo) => photo.blob !== null && isUnsent(photo));
  }

  private async reload(): Promise<void> {
    const db = await this.db;
    const stored = await db.getAll("photos");
    const all = stored.filter((photo) => photo.userId === this.userId).map(withNumber);
    const isOld = ({ state, createdAt }: QueuedPhoto) =>
      state === "received" && Date.now() - createdAt > KEEP_RECEIVED_MS;
    for (const photo of all.filter(isOld)) await db.delete("photos", photo.clientId);
    const photos = all.filter((photo) => !isOld(photo)).sort((a, b) => a.createdAt - b.createdAt);
    const others = stored.filter((photo) => photo.userId !== this.userId && isUnsent(photo)).length;
    this.change({ photos, others });
  }

  /** Writes a photo that is in the list; one that was taken off meanwhile does not come back. */
  private async put(photo: QueuedPhoto): Promise<void> {
    const { store, done } = (await this.db).transaction("photos", "readwrite");
    if (await store.getKey(photo.clientId)) await store.put(photo);
    await done;
    const photos = this.state.photos.map((each) => (each.clientId === photo.clientId ? photo : each));
    this.change({ photos });
  }

  private async inTurn(task: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return task();
    await navigator.locks.request(`antesis-grower-${this.userId}`, task);
  }

  private change(part: Partial<GrowerQueueState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

/** Waits or is on its way: the server may not have it. "sending" may also be left by a page that was closed meanwhile. */
export function isUnsent({ state }: Pick<QueuedPhoto, "state">): boolean {
  return state === "waiting" || state === "sending";
}

/** Rows that an earlier release stored name the first words of consent by a text, which the server does not take. */
function withNumber(photo: QueuedPhoto): QueuedPhoto {
  const { location } = photo;
  if (!location || Number.isInteger(location.consentVersion)) return photo;
  return { ...photo, location: { ...location, consentVersion: 1 } };
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}

type Settled = Extract<UploadAnswer, { kind: "received" | "refused" }>;

function settledPhoto(photo: QueuedPhoto, answer: Settled): QueuedPhoto {
  if (answer.kind === "refused") return { ...photo, state: "refused", problem: answer.code, blob: null };
  const { id, is_duplicate } = answer.receipt;
  return { ...photo, state: "received", photoId: id, isDuplicate: is_duplicate, blob: null };
}
