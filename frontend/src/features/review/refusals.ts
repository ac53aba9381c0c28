/** Decisions that the server did not take. Pure. */
import type { QueueItem } from "@/api/types";
import type { HistoryEntry } from "./state";

export interface Refusal {
  key: string;
  /** The photo still wants an answer, in the scale as it is now. */
  asksAgain: boolean;
}

/** Codes of decisions that meant a stage of a scale that has changed since. */
const CHANGED_SCALE = ["scale_changed", "unknown_stage"];

export function isOfFormerScale(code: string): boolean {
  return CHANGED_SCALE.includes(code);
}

export interface Desk {
  queue: readonly QueueItem[];
  history: readonly HistoryEntry[];
  lookBack: number;
}

/**
 * The desk without the refused decisions: they leave the history, since nothing is left to take back, and photos asked again
 * come right behind the one on screen, which never jumps. What is looked back at stays, unless it was refused itself.
 */
export function withoutRefused(
  desk: Desk,
  refusals: readonly Refusal[],
): Desk & { removed: HistoryEntry[]; again: QueueItem[] } {
  const asksAgain = new Map(refusals.map((refusal) => [refusal.key, refusal.asksAgain]));
  const removed = desk.history.filter((entry) => asksAgain.has(entry.decision.key));
  const history = desk.history.filter((entry) => !asksAgain.has(entry.decision.key));
  const lookedAt = desk.lookBack > 0 ? desk.history[desk.history.length - desk.lookBack] : undefined;
  const at = lookedAt ? history.indexOf(lookedAt) : -1;
  const queued = new Set(desk.queue.map((item) => item.photo_id));
  const again = removed
    .filter(({ decision, item }) => asksAgain.get(decision.key) && !queued.has(item.photo_id))
    .map(({ item }) => item);
  const [first, ...rest] = desk.queue;
  const queue = first ? [first, ...again, ...rest] : again;
  return { queue, history, lookBack: at < 0 ? 0 : history.length - at, removed, again };
}
