/** A large file goes up in chunks: what has arrived stays at the server, also when this page is gone. No React in here. */
import { ApiError, api } from "@/api/client";
import type { Upload } from "@/api/types";
import { upload } from "@/api/upload";
import { backoffDelay } from "@/lib/backoff";

const EDGE_BYTES = 65_536;

export interface ChunkServer {
  open(file: File, fingerprint: string): Promise<Upload>;
  state(id: number): Promise<Upload>;
  send(
    id: number,
    index: number,
    chunk: Blob,
    onShare: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Upload>;
}

export interface ChunkOptions {
  signal: AbortSignal;
  /** Called with the share that has arrived or is on its way, 0 to 1. */
  onProgress: (share: number) => void;
  /** Whether the connection is gone and comes back by itself. */
  onWaiting: (isWaiting: boolean) => void;
  pause?: (ms: number) => Promise<void>;
}

export function chunkServer(slug: string): ChunkServer {
  const root = `/projects/${slug}/uploads`;
  return {
    open: (file, fingerprint) =>
      api.post<Upload>(root, { name: file.name.slice(0, 200), size: file.size, fingerprint }),
    state: (id) => api.get<Upload>(`${root}/${id}`),
    send: (id, index, chunk, onShare, signal) => {
      const form = new FormData();
      form.set("chunk", chunk, "chunk");
      return upload<Upload>(`${root}/${id}/chunks/${index}`, form, {
        method: "PUT",
        onProgress: onShare,
        signal,
      });
    },
  };
}

/**
 * Sends what the server does not have of `file`; answers the id by which an import takes it.
 *
 * Without a connection it waits for one, however long. A session that ended is asked for by `server.state`, and then
 * it goes on.
 *
 * @throws ApiError for what will not pass, DOMException "AbortError" after a stop.
 */
export async function sendInChunks(server: ChunkServer, file: File, options: ChunkOptions): Promise<number> {
  const patient = <T>(task: () => Promise<T>) => withPatience(task, options);
  const mark = await fingerprintOf(file);
  let there = await patient(() => server.open(file, mark));
  while (!there.is_whole) {
    const { id, n_chunks: index, chunk_bytes: length, received } = there;
    const chunk = file.slice(index * length, (index + 1) * length);
    const onShare = (share: number) => options.onProgress((received + share * chunk.size) / file.size);
    onShare(0);
    there = await patient(async () => {
      try {
        return await server.send(id, index, chunk, onShare, options.signal);
      } catch (error) {
        // Signed out, or another tab was faster: what the server has says how to go on.
        if (error instanceof ApiError && [401, 403, 409].includes(error.status)) return server.state(id);
        throw error;
      }
    });
  }
  options.onProgress(1);
  return there.id;
}

async function withPatience<T>(task: () => Promise<T>, options: ChunkOptions): Promise<T> {
  const pause = options.pause ?? waitOrOnline;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await task();
      options.onWaiting(false);
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError && error.isTransient)) throw error;
      options.onWaiting(true);
      await pause(backoffDelay(attempt));
      if (options.signal.aborted) throw new DOMException("The upload was stopped.", "AbortError");
    }
  }
}

/** The time, or less if the browser says that it has a connection again. */
function waitOrOnline(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}

/** 64 hex digits that the same file has again after a reload: its name, size, time, first and last bytes. */
export async function fingerprintOf(file: File): Promise<string> {
  const edges = new Blob([
    `${file.name}\n${file.size}\n${file.lastModified}\n`,
    file.slice(0, EDGE_BYTES),
    file.slice(Math.max(0, file.size - EDGE_BYTES)),
  ]);
  const bytes = new Uint8Array(await edges.arrayBuffer());
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  if (globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...digest].map((byte) => hex(byte, 2)).join("");
  }
  // Pages without HTTPS have no digest; FNV-1a tells the handful of files apart that one person sends.
  return Array.from({ length: 8 }, (_, seed) => {
    let hash = 0x811c9dc5 ^ seed;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    return hex(hash >>> 0, 8);
  }).join("");
}
