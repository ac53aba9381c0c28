import { describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";
import type { Upload } from "@/api/types";
import { type ChunkServer, fingerprintOf, sendInChunks } from "./chunks";

const failure = (status: number, code: string) => new ApiError(status, { code, message: "", fields: {} });
const FILE = new File(["abcdefghijk"], "season.zip", { lastModified: 5 });

/** A server with chunks of four bytes that keeps what it is sent; `trouble` may fail a call, before or after it. */
function fakeServer(trouble: (call: number) => "before" | "after" | ApiError | null = () => null) {
  const kept: string[] = [];
  let calls = 0;
  let asked = 0;
  const answer = (): Upload => {
    const received = kept.join("").length;
    return {
      id: 7,
      name: "season.zip",
      size: FILE.size,
      fingerprint: "",
      chunk_bytes: 4,
      n_chunks: kept.length,
      received,
      is_whole: received === FILE.size,
      touched_at: "",
    };
  };
  const server: ChunkServer = {
    open: async () => answer(),
    state: async () => {
      asked += 1;
      return answer();
    },
    send: async (_id, index, chunk, onShare) => {
      calls += 1;
      const wrong = trouble(calls);
      if (wrong instanceof ApiError) throw wrong;
      if (wrong === "before") throw failure(0, "offline");
      onShare(1);
      if (index === kept.length) kept.push(new TextDecoder().decode(await chunk.arrayBuffer()));
      if (wrong === "after") throw failure(0, "offline");
      return answer();
    },
  };
  return { server, kept, calls: () => calls, asked: () => asked };
}

function options() {
  const shares: number[] = [];
  const waits: boolean[] = [];
  const stopper = new AbortController();
  return {
    shares,
    waits,
    stopper,
    given: {
      signal: stopper.signal,
      onProgress: (share: number) => shares.push(share),
      onWaiting: (isWaiting: boolean) => waits.push(isWaiting),
      pause: () => Promise.resolve(),
    },
  };
}

describe("sendInChunks", () => {
  it("sends every byte once and in order", async () => {
    const { server, kept } = fakeServer();
    const { given, shares } = options();
    expect(await sendInChunks(server, FILE, given)).toBe(7);
    expect(kept).toEqual(["abcd", "efgh", "ijk"]);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it("goes on behind what arrived on an earlier visit", async () => {
    const { server, kept, calls } = fakeServer();
    kept.push("abcd", "efgh");
    const { given, shares } = options();
    await sendInChunks(server, FILE, given);
    expect(calls()).toBe(1);
    expect(kept.join("")).toBe("abcdefghijk");
    expect(shares[0]).toBeCloseTo(8 / 11);
  });

  it("sends nothing of a file that has arrived whole", async () => {
    const { server, kept, calls } = fakeServer();
    kept.push("abcd", "efgh", "ijk");
    await sendInChunks(server, FILE, options().given);
    expect(calls()).toBe(0);
  });

  it.each(["before", "after"] as const)("waits for a connection lost %s the chunk arrived", async (when) => {
    const { server, kept } = fakeServer((call) => (call % 2 === 1 ? when : null));
    const { given, waits } = options();
    await sendInChunks(server, FILE, given);
    expect(kept.join("")).toBe("abcdefghijk");
    expect(waits).toContain(true);
    expect(waits.at(-1)).toBe(false);
  });

  it("asks where it stands when signed out or overtaken by another tab", async () => {
    const { server, kept, asked } = fakeServer((call) =>
      call === 1 ? failure(401, "not_authenticated") : call === 2 ? failure(409, "chunk_early") : null,
    );
    await sendInChunks(server, FILE, options().given);
    expect(asked()).toBe(2);
    expect(kept.join("")).toBe("abcdefghijk");
  });

  it("gives up on what will not pass", async () => {
    const { server } = fakeServer(() => failure(404, "upload_not_found"));
    await expect(sendInChunks(server, FILE, options().given)).rejects.toMatchObject({ status: 404 });
  });

  it("stops while it waits", async () => {
    const { server, calls } = fakeServer(() => "before");
    const { given, stopper } = options();
    const pause = vi.fn(async () => stopper.abort());
    await expect(sendInChunks(server, FILE, { ...given, pause })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(calls()).toBe(1);
  });
});

describe("fingerprintOf", () => {
  it("knows the same file again and tells others apart", async () => {
    const same = new File(["abcdefghijk"], "season.zip", { lastModified: 5 });
    expect(await fingerprintOf(same)).toBe(await fingerprintOf(FILE));
    const others = [
      new File(["abcdefghijk"], "other.zip", { lastModified: 5 }),
      new File(["abcdefghijk"], "season.zip", { lastModified: 6 }),
      new File(["abcdefghijK"], "season.zip", { lastModified: 5 }),
    ];
    const marks = await Promise.all([FILE, ...others].map(fingerprintOf));
    expect(new Set(marks).size).toBe(4);
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does so without HTTPS too", async () => {
    vi.stubGlobal("crypto", {});
    const marks = await Promise.all([
      fingerprintOf(FILE),
      fingerprintOf(FILE),
      fingerprintOf(new File(["x"], "a")),
    ]);
    vi.unstubAllGlobals();
    expect(marks[0]).toBe(marks[1]);
    expect(marks[0]).not.toBe(marks[2]);
    expect(marks[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
