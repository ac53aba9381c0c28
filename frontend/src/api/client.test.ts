import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, api, apiUrl, csrfToken, onSignInNeeded } from "./client";

const answer = (status: number, body?: unknown) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status });
const send = vi.fn<typeof fetch>();

beforeEach(() => {
  send.mockReset();
  vi.stubGlobal("fetch", send);
  Object.defineProperty(document, "cookie", { value: "a=b; csrftoken=t%3D1", configurable: true });
});

afterEach(() => {
  vi.unstubAllGlobals();
  onSignInNeeded(null);
});

describe("apiUrl", () => {
  it("leaves out what is not given", () => {
    expect(apiUrl("/x", { a: 0, b: "", c: null, d: undefined, e: "ñ" })).toBe("/api/v1/x?a=0&e=%C3%B1");
  });
});

describe("requests", () => {
  it("send the CSRF token with unsafe methods only", async () => {
    expect(csrfToken()).toBe("t=1");
    send.mockImplementation(async () => answer(200, {}));
    await api.get("/projects");
    await api.post("/projects", { name: "x" });
    const headers = send.mock.calls.map(([, init]) => init?.headers as Record<string, string>);
    expect(headers[0]?.["X-CSRFToken"]).toBeUndefined();
    expect(headers[1]?.["X-CSRFToken"]).toBe("t=1");
  });

  it("turn failures into ApiError with the server's code", async () => {
    send.mockResolvedValueOnce(answer(409, { code: "run_active", message: "m", fields: {} }));
    await expect(api.post("/x")).rejects.toMatchObject({
      status: 409,
      code: "run_active",
      isTransient: false,
    });
    send.mockResolvedValueOnce(new Response("<html>bad gateway</html>", { status: 502 }));
    await expect(api.get("/x")).rejects.toMatchObject({ code: "http_502", isTransient: true });
    send.mockRejectedValueOnce(new TypeError("network"));
    await expect(api.get("/x")).rejects.toMatchObject({ status: 0, code: "offline", isTransient: true });
  });

  it("answer undefined for 204", async () => {
    send.mockResolvedValueOnce(answer(204));
    await expect(api.delete("/x")).resolves.toBeUndefined();
  });
});

describe("an ended session", () => {
  const ended = { code: "not_authenticated", message: "", fields: {} };

  it("asks once for all requests, then repeats them", async () => {
    let signedIn = false;
    const ask = vi.fn(async () => {
      signedIn = true;
      return true;
    });
    onSignInNeeded(ask);
    send.mockImplementation(async () => (signedIn ? answer(200, { ok: 1 }) : answer(401, ended)));
    await expect(Promise.all([api.get("/a"), api.get("/b")])).resolves.toEqual([{ ok: 1 }, { ok: 1 }]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("fails when the person gives up, and asks again next time", async () => {
    const ask = vi.fn(async () => false);
    onSignInNeeded(ask);
    send.mockImplementation(async () => answer(401, ended));
    await expect(api.get("/a")).rejects.toBeInstanceOf(ApiError);
    await expect(api.get("/a")).rejects.toMatchObject({ status: 401 });
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("does not ask for quiet requests", async () => {
    const ask = vi.fn(async () => true);
    onSignInNeeded(ask);
    send.mockImplementation(async () => answer(401, ended));
    await expect(api.post("/session", {}, { quiet: true })).rejects.toMatchObject({ status: 401 });
    expect(ask).not.toHaveBeenCalled();
  });
});
