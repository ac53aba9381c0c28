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
  place: string;
  takenAt: string | null;
  location: { latitude: number; longitude: number; consentVersion: number } | null;
  sha256: string;
  /** Dropped once the server has the photo. */
  blob: Blob | null;
  thumb: Blob;
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
  /** The photo's id if the server has these bytes already, null if not; rejects when it does not answer. */
  known(project: string, sha256: string): Promise<number | null>;
  upload(photo: QueuedPhoto): Promise<UploadAnswer>;
}

export interface GrowerQueueState {
  photos: readonly QueuedPhoto[];
  phase: "idle" | "sending" | "waiting" | "signed_out";
}

export const MAX_PHOTOS = 200;
export const MAX_BYTES = 500 * 1024 * 1024;
/** Photos the server has are kept in the list this long, so that a closed page does not forget them. */
const KEEP_RECEIVED_MS = 24 * 3600_000;

export class QueueFull extends Error {}

/**
 * Photos waiting for a signal, in the browser's database: they survive a closed page and a flat battery.
 *
 * One is sent at a time, oldest first; each carries its own id, so that one sent twice is one photo. Before sending, the
 * server is asked whether it has these bytes already, which saves the upload when only the answer was lost.
 */
export class GrowerQueue {
  private state: GrowerQueueState = { photos: [], phase: "idle" };
  private readonly listeners = new Set<() => void>();
  private sending: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private isClosed = false;

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
    return this.state.photos.filter(({ state }) => state === "waiting" || state === "sending").length;
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

  /** Takes a photo off the list: refused ones that were read, or received ones. */
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
    for (let photo = this.next(); photo && !this.isClosed; photo = this.next()) {
      this.change({ phase: "sending" });
      await this.put({ ...photo, state: "sending" });
      const answer = await this.deliver(photo);
      if (answer.kind === "signed_out" || answer.kind === "lost") {
        await this.put({ ...photo, state: "waiting" });
        this.pause(answer.kind);
        return;
      }
      await this.put(settledPhoto(photo, answer));
      this.attempt = 0;
    }
    this.change({ phase: "idle" });
  }

  private async deliver(photo: QueuedPhoto): Promise<UploadAnswer> {
    try {
      const id = photo.sha256 ? await this.server.known(photo.project, photo.sha256) : null;
      if (id !== null) {
        const { sha256 } = photo;
        const receipt = { id, sha256, status: "received" as const, rejection: "", is_duplicate: true };
        return { kind: "received", receipt };
      }
      return await this.server.upload(photo);
    } catch (error) {
      return { kind: isSignedOut(error) ? "signed_out" : "lost" };
    }
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
    // "sending" is left by a page that was closed meanwhile.
    return this.state.photos.find(
      ({ state, blob }) => blob !== null && (state === "waiting" || state === "sending"),
    );
  }

  private async reload(): Promise<void> {
    const db = await this.db;
    const all = (await db.getAll("photos")).filter((photo) => photo.userId === this.userId).map(withNumber);
    const isOld = ({ state, createdAt }: QueuedPhoto) =>
      state === "received" && Date.now() - createdAt > KEEP_RECEIVED_MS;
    for (const photo of all.filter(isOld)) await db.delete("photos", photo.clientId);
    const photos = all.filter((photo) => !isOld(photo)).sort((a, b) => a.createdAt - b.createdAt);
    this.change({ photos });
  }

  private async put(photo: QueuedPhoto): Promise<void> {
    await (await this.db).put("photos", photo);
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
