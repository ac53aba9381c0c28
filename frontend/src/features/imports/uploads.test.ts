import { describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";
import { type FileToSend, type SendFile, Uploads } from "./uploads";

const file = (name: string) => ({
  file: new File(["x"], name, { type: "image/jpeg" }),
  path: name,
  stage: "",
});
const noPause = () => Promise.resolve();
const failure = (status: number, code: string) => new ApiError(status, { code, message: "", fields: {} });

describe("Uploads", () => {
  it("sends every file and keeps outcomes apart", async () => {
    const send: SendFile = vi.fn(async (item: FileToSend) => {
      if (item.path === "bad.jpg") throw failure(422, "not_an_image");
      return { is_duplicate: item.path === "twice.jpg" };
    });
    const uploads = new Uploads(send, noPause);
    await uploads.run([file("a.jpg"), file("twice.jpg"), file("bad.jpg"), file("b.jpg"), file("c.jpg")]);
    expect(uploads.rows.map((row) => row.state)).toEqual([
      "received",
      "duplicate",
      "failed",
      "received",
      "received",
    ]);
    expect(send).toHaveBeenCalledTimes(5);
  });

  it("repeats a lost connection with the same id, and not a refusal", async () => {
    const ids: string[] = [];
    let calls = 0;
    const send: SendFile = async (_file, clientId) => {
      ids.push(clientId);
      calls += 1;
      if (calls < 3) throw failure(0, "offline");
      return { is_duplicate: false };
    };
    const uploads = new Uploads(send, noPause);
    await uploads.run([file("a.jpg")]);
    expect(uploads.rows[0]?.state).toBe("received");
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it("never has more than three under way", async () => {
    let active = 0;
    let most = 0;
    const send: SendFile = async () => {
      active += 1;
      most = Math.max(most, active);
      await Promise.resolve();
      active -= 1;
      return { is_duplicate: false };
    };
    await new Uploads(send, noPause).run(Array.from({ length: 12 }, (_, index) => file(`${index}.jpg`)));
    expect(most).toBe(3);
  });

  it("tries the failed ones again on demand", async () => {
    let works = false;
    const send: SendFile = async () => {
      if (!works) throw failure(422, "too_small");
      return { is_duplicate: false };
    };
    const uploads = new Uploads(send, noPause);
    await uploads.run([file("a.jpg")]);
    works = true;
    await uploads.resume();
    expect(uploads.rows[0]?.state).toBe("received");
  });

  it("goes on where it was stopped", async () => {
    const sent: string[] = [];
    const send: SendFile = async (item) => {
      if (sent.length === 4) {
        uploads.stop();
        throw new DOMException("stopped", "AbortError");
      }
      sent.push(item.path);
      return { is_duplicate: false };
    };
    const uploads = new Uploads(send, noPause);
    const names = Array.from({ length: 9 }, (_, index) => `${index}.jpg`);
    await uploads.run(names.map(file));
    expect(uploads.rows.filter((row) => row.state === "waiting")).toHaveLength(5);
    expect(uploads.rows.filter((row) => row.state === "failed")).toHaveLength(0);
    sent.push("");
    await uploads.resume();
    expect(sent.filter(Boolean).sort()).toEqual(names);
    expect(uploads.rows.every((row) => row.state === "received")).toBe(true);
  });
});
