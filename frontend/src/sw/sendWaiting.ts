import { api } from "@/api/client";
import type { Session } from "@/api/types";
import { GrowerQueue, openGrowerDatabase } from "@/grower/queue";
import { growerServer } from "@/grower/server";

/** A browser with Background Sync has this too; the type is not in the library yet. */
interface CookieStore {
  get(name: string): Promise<{ value: string } | null>;
}

/**
 * Sends what the person signed in left waiting. Rejects while something is left that may go later, so that the browser
 * tries again in its own time; who is signed out has to open the page.
 */
export async function sendWaiting(): Promise<void> {
  const { user } = await api.get<Session>("/session");
  if (!user) return;
  await showToken();
  const queue = new GrowerQueue(openGrowerDatabase(), user.id, growerServer);
  try {
    await queue.send();
    if (queue.unsent > 0 && queue.getState().phase !== "signed_out") throw new Error("photos still wait");
  } finally {
    queue.close();
  }
}

/** The API's client reads the CSRF token from `document.cookie`; a worker has no document. */
async function showToken(): Promise<void> {
  const { cookieStore } = self as unknown as { cookieStore?: CookieStore };
  const token = await cookieStore?.get("csrftoken");
  Object.assign(self, { document: { cookie: `csrftoken=${token?.value ?? ""}` } });
}
