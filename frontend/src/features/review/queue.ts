import type { Decision, QueueItem } from "@/api/types";
import { foldLog } from "@/lib/decisions";

/** Photos ready behind the one on screen; fewer than this asks the server for more. */
export const AHEAD = 8;
/** Most that one reservation request may ask for. */
const RESERVE_LIMIT = 20;

/** How many photos to ask for: enough for the window although unsent decisions still hold reservations. */
export function reserveCount(unsent: number): number {
  return Math.min(RESERVE_LIMIT, AHEAD + 4 + unsent);
}

export interface MergeInput {
  /** What the bench holds; the first is on screen. */
  queue: readonly QueueItem[];
  /** What the server answered, in queue order. */
  reserved: readonly QueueItem[];
  /** Photos whose acts were unsent when the request left, are unsent now, or were decided since. */
  settled: ReadonlySet<number>;
  /** Photos brought back by an undo; the server may not hold a reservation for them. */
  returned: ReadonlySet<number>;
}

/**
 * The queue after a reservation answer.
 *
 * The photo on screen never jumps: it stays first whatever the server says, with the suggestion it was shown with, and only
 * its reservation is renewed. Behind it come the photos brought back by undo, then the server's order. Photos the server no
 * longer reserves for this expert disappear from behind.
 */
export function mergeQueue({ queue, reserved, settled, returned }: MergeInput): QueueItem[] {
  const fresh = new Map(
    reserved.filter((item) => !settled.has(item.photo_id)).map((item) => [item.photo_id, item]),
  );
  const kept = queue.filter((item, index) => index === 0 || returned.has(item.photo_id));
  const merged = kept.map((item) => {
    const renewed = fresh.get(item.photo_id);
    return renewed ? { ...item, reservation: renewed.reservation, expires_at: renewed.expires_at } : item;
  });
  for (const item of kept) fresh.delete(item.photo_id);
  return [...merged, ...fresh.values()];
}

/** Photos that unsent decisions of `log` have dealt with. */
export function settledBy(log: readonly Decision[]): Set<number> {
  return foldLog(log).settled;
}
