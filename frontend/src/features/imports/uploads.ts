/** Many files, a few at a time, each with its own outcome: no React in here. */
import { ApiError } from "@/api/client";
import { uuid } from "@/lib/uuid";

export type FileState = "waiting" | "sending" | "received" | "duplicate" | "failed";

/** A file to send, and what is said of it. */
export interface FileToSend {
  file: File;
  path: string;
  /** Slug of the stage it shows; empty for none. */
  stage: string;
}

export interface FileRow extends FileToSend {
  id: string;
  state: FileState;
  /** Share sent, 0 to 1. */
  progress: number;
  error: unknown;
}

export interface Receipt {
  is_duplicate: boolean;
}

export type SendFile = (
  file: FileToSend,
  clientId: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
) => Promise<Receipt>;

const AT_ONCE = 3;
const TRIES = 4;
const FIRST_PAUSE_MS = 800;

export class Uploads {
  rows: readonly FileRow[] = [];
  private readonly listeners = new Set<() => void>();
  private stopper = new AbortController();

  constructor(
    private readonly send: SendFile,
    private readonly pause: (ms: number) => Promise<void> = (ms) =>
      new Promise((resolve) => setTimeout(resolve, ms)),
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly FileRow[] => this.rows;

  stop(): void {
    this.stopper.abort();
  }

  /** Sends all `files`; resolves when each has an outcome. Never rejects. */
  async run(files: readonly FileToSend[]): Promise<void> {
    this.rows = files.map((file) => ({
      ...file,
      id: uuid(),
      state: "waiting",
      progress: 0,
      error: null,
    }));
    this.tell();
    await this.work(this.rows.map((row) => row.id));
  }

  /** Goes on after a stop, and once more with those that failed. */
  async resume(): Promise<void> {
    this.stopper = new AbortController();
    const isOpen = (row: FileRow) => row.state === "failed" || row.state === "waiting";
    const open = this.rows.filter(isOpen).map((row) => row.id);
    for (const id of open) this.change(id, { state: "waiting", progress: 0, error: null });
    await this.work(open);
  }

  private async work(ids: readonly string[]): Promise<void> {
    const left = [...ids];
    const worker = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        if (this.stopper.signal.aborted) return;
        await this.sendOne(id);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, worker));
  }

  private async sendOne(id: string): Promise<void> {
    const row = this.rows.find((candidate) => candidate.id === id);
    if (!row) return;
    this.change(id, { state: "sending" });
    for (let attempt = 1; ; attempt += 1) {
      try {
        const onProgress = (progress: number) => this.change(id, { progress });
        // The same id on every attempt: a photo whose answer was lost is not stored twice.
        const receipt = await this.send(row, id, onProgress, this.stopper.signal);
        this.change(id, { state: receipt.is_duplicate ? "duplicate" : "received", progress: 1 });
        return;
      } catch (error) {
        if (this.stopper.signal.aborted) {
          this.change(id, { state: "waiting", progress: 0 });
          return;
        }
        const mayPass = error instanceof ApiError && error.isTransient;
        if (!mayPass || attempt >= TRIES) {
          this.change(id, { state: "failed", error });
          return;
        }
        await this.pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  private change(id: string, part: Partial<FileRow>): void {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...part } : row));
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
