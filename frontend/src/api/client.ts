/**
 * The only caller of `fetch` for the API.
 *
 * Adds the CSRF header, turns every failure into an `ApiError` with the server's stable `code`, and on 401 asks the
 * page to sign in (see `onSignInNeeded`) and then repeats the request, so that nothing on the page is lost.
 */
import type { ApiErrorBody } from "./types";

export const API_ROOT = "/api/v1";
const TIMEOUT_MS = 30_000;

export class ApiError extends Error {
  /** @param status HTTP status; 0 when the server could not be reached. */
  constructor(
    readonly status: number,
    readonly body: ApiErrorBody,
  ) {
    super(body.message);
    this.name = "ApiError";
  }

  get code(): string {
    return this.body.code;
  }

  get fields(): Record<string, string[]> {
    return this.body.fields;
  }

  /** True when the same request may succeed later without anybody changing anything. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;
export interface RequestOptions {
  query?: Query;
  json?: unknown;
  form?: FormData;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Let 401 fail at once instead of asking to sign in (background work that must not open dialogs). */
  quiet?: boolean;
  /** Let the request outlive the page (bodies up to 64 KiB). */
  keepalive?: boolean;
}

type SignIn = () => Promise<boolean>;
let signIn: SignIn | null = null;
let signingIn: Promise<boolean> | null = null;

/** Registers the dialog that signs in again; it resolves to false when the person gives up. */
export function onSignInNeeded(handler: SignIn | null): void {
  signIn = handler;
}

/** One dialog for any number of requests that met a 401 at the same time. */
function askToSignIn(): Promise<boolean> {
  if (!signIn) return Promise.resolve(false);
  signingIn ??= signIn().finally(() => {
    signingIn = null;
  });
  return signingIn;
}

export function csrfToken(cookies: string = document.cookie): string {
  const pair = cookies.split("; ").find((part) => part.startsWith("csrftoken="));
  return pair ? decodeURIComponent(pair.slice("csrftoken=".length)) : "";
}

export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `${API_ROOT}${path}${text ? `?${text}` : ""}`;
}

function errorBody(status: number, data: unknown): ApiErrorBody {
  const given = (typeof data === "object" && data !== null ? data : {}) as Partial<ApiErrorBody>;
  return {
    code: given.code ?? (status === 0 ? "offline" : `http_${status}`),
    message: given.message ?? "",
    fields: given.fields ?? {},
  };
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (options.json !== undefined) headers["Content-Type"] = "application/json";
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await fetch(apiUrl(path, options.query), {
      method,
      headers,
      body: options.form ?? (options.json === undefined ? null : JSON.stringify(options.json)),
      credentials: "same-origin",
      keepalive: options.keepalive ?? false,
      signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, errorBody(0, null));
  }
}

/** Sends one request and answers its JSON (undefined for 204). Throws `ApiError`. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  let response = await send(method, path, options);
  if (response.status === 401 && !options.quiet && (await askToSignIn())) {
    response = await send(method, path, options);
  }
  const text = await response.text();
  let data: unknown;
  try {
    data = text ? JSON.parse(text) : undefined;
  } catch {
    // A proxy's HTML page: the status says enough.
    data = undefined;
  }
  if (!response.ok) throw new ApiError(response.status, errorBody(response.status, data));
  return data as T;
}

/** Numbers as the server keeps them. Throws `ApiError`. */
export async function requestBytes(path: string, query?: Query, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await send("GET", path, { query, signal, timeoutMs: 4 * TIMEOUT_MS });
  if (!response.ok) throw new ApiError(response.status, errorBody(response.status, null));
  return response.arrayBuffer();
}

export const api = {
  get: <T>(path: string, query?: Query, options?: RequestOptions) =>
    request<T>("GET", path, { ...options, query }),
  post: <T>(path: string, json?: unknown, options?: RequestOptions) =>
    request<T>("POST", path, { ...options, json: json ?? {} }),
  postForm: <T>(path: string, form: FormData, options?: RequestOptions) =>
    request<T>("POST", path, { ...options, form }),
  patch: <T>(path: string, json: unknown) => request<T>("PATCH", path, { json }),
  put: <T>(path: string, json: unknown) => request<T>("PUT", path, { json }),
  delete: <T = void>(path: string) => request<T>("DELETE", path),
};
