/** Uploads with progress. `fetch` cannot tell how much was sent, so this is the one user of XMLHttpRequest. */
import { ApiError, apiUrl, csrfToken } from "./client";
import type { ApiErrorBody } from "./types";

export interface UploadOptions {
  method?: "POST" | "PUT";
  /** Called with the share sent, 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

function failure(request: XMLHttpRequest): ApiError {
  let given: Partial<ApiErrorBody> = {};
  try {
    given = JSON.parse(request.responseText) as Partial<ApiErrorBody>;
  } catch {
    // A proxy's page or nothing at all: the status has to do.
  }
  const fallback =
    request.status === 413 ? "too_large" : request.status === 0 ? "offline" : `http_${request.status}`;
  return new ApiError(request.status, {
    code: given.code ?? fallback,
    message: given.message ?? "",
    fields: given.fields ?? {},
  });
}

/** Sends `form` to `path`; answers the JSON body. Rejects with `ApiError`. */
export function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(options.method ?? "POST", apiUrl(path));
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(failure(request));
    };
    request.onerror = () => reject(failure(request));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    options.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
