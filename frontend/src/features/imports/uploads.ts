/** Many files, a few at a time, each with its own outcome: no React in here. */
import { ApiError } from "@/api/client";

export type FileState = "waiting" | "sending" | "received" | "duplicate" | "failed";

export interface FileRow {
  id: string;
  file: File;
  state: FileState;
  /** Share sent, 0 to 1. */
  progress: number;
  error: unknown;
}

export interface Receipt {
  is_duplicate: boolean;
}

export type SendFile = (
  file: File,
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
  private readonly stopper = new AbortController();

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
  async run(files: readonly File[]): Promise<void> {
    this.rows = files.map((file) => ({
      id: crypto.randomUUID(),
      file,
      state: "waiting",
      progress: 0,
      error: null,
    }));
    this.tell();
    await this.work(this.rows.map((row) => row.id));
  }

  /** Once more for those that failed. */
  async retryFailed(): Promise<void> {
    const failed = this.rows.filter((row) => row.state === "failed").map((row) => row.id);
    for (const id of failed) this.change(id, { state: "waiting", progress: 0, error: null });
    await this.work(failed);
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
        const receipt = await this.send(row.file, id, onProgress, this.stopper.signal);
        this.change(id, { state: receipt.is_duplicate ? "duplicate" : "received", progress: 1 });
        return;
      } catch (error) {
        const mayPass = error instanceof ApiError && error.isTransient;
        if (!mayPass || attempt >= TRIES || this.stopper.signal.aborted) {
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
