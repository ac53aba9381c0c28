import { ApiError, api } from "@/api/client";
import type { DecisionsAnswer } from "@/api/types";
import { openBenchDatabase } from "./idb";
import { Outbox, type Send } from "./outbox";

/** Posts a batch of decisions. Quiet: the bench itself asks to sign in again, so that typing is not interrupted twice. */
const send: Send = async (project, decisions, { keepalive, signal }) => {
  const options = { quiet: true, keepalive, ...(signal ? { signal } : {}) };
  try {
    const answer = await api.post<DecisionsAnswer>(`/projects/${project}/decisions`, { decisions }, options);
    return { status: 201, ...answer, code: "", message: "", retryAfterSeconds: null };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error;
    const { status, code, message } = error;
    return { status, results: [], progress: null, code, message, retryAfterSeconds: null };
  }
};

let open: Outbox | null = null;

/** The outbox of the signed-in user: one per tab, whatever page is shown, so that sending goes on while they look elsewhere. */
export function benchOutbox(userId: number): Outbox {
  if (open?.userId === userId) return open;
  open?.close();
  open = new Outbox({ db: openBenchDatabase(), userId, send });
  void open.start();
  return open;
}
