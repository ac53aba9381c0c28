/** Which photos the stage keeps decoded, loads next and throws away. Pure; see `stage.ts` for the doing. */

export interface Size {
  width: number;
  height: number;
}

export interface Held {
  bytes: number;
  state: "loading" | "ready" | "failed";
  /** When a failed photo may be tried again, ms of the caller's clock. */
  retryAt: number;
}

export interface PlanInput {
  /** Photos wanted, nearest first; the first is on screen. */
  wanted: readonly number[];
  held: ReadonlyMap<number, Held>;
  /** Expected decoded size of a photo not held yet. */
  bytesOf: (photoId: number) => number;
  budgetBytes: number;
  maxLoading: number;
  now: number;
}

export interface Plan {
  /** Start these, in this order. */
  load: number[];
  /** Throw these away. */
  evict: number[];
  /** When to plan again because of a failed photo; null when none waits. */
  retryAt: number | null;
}

/**
 * Decides within the memory budget, nearest first; what does not fit or is no longer wanted goes.
 *
 * The photo on screen is always kept, even if it alone breaks the budget, and at most `maxLoading` photos load at a time,
 * except that the one on screen never waits for a place.
 */
export function plan({ wanted, held, bytesOf, budgetBytes, maxLoading, now }: PlanInput): Plan {
  const keep = new Set<number>();
  let used = 0;
  for (const [index, photoId] of wanted.entries()) {
    const bytes = held.get(photoId)?.bytes || bytesOf(photoId);
    if (index > 0 && used + bytes > budgetBytes) break;
    used += bytes;
    keep.add(photoId);
  }
  const evict = [...held.keys()].filter((photoId) => !keep.has(photoId));
  let places = maxLoading;
  for (const [photoId, { state }] of held) if (state === "loading" && keep.has(photoId)) places -= 1;
  const load: number[] = [];
  let retryAt: number | null = null;
  for (const photoId of keep) {
    const entry = held.get(photoId);
    if (entry && entry.state !== "failed") continue;
    if (entry && entry.retryAt > now) {
      retryAt = Math.min(retryAt ?? entry.retryAt, entry.retryAt);
      continue;
    }
    const isOnScreen = photoId === wanted[0];
    if (places <= 0 && !isOnScreen) continue;
    places -= 1;
    load.push(photoId);
  }
  return { load, evict, retryAt };
}

/** Interleaves what comes with what was: the next matters most, then the one before, then the rest. */
export function nearestFirst<T>(ahead: readonly T[], behind: readonly T[]): T[] {
  const [next, ...later] = ahead;
  const [previous, ...earlier] = behind;
  return [next, previous, ...later, ...earlier].filter((item): item is T => item !== undefined);
}

/** The photo's size inside the box, whole, never enlarged beyond what `natural` holds. CSS pixels. */
export function fitInside(natural: Size, box: Size, pixelRatio = 1): Size {
  const scale = Math.min(box.width / natural.width, box.height / natural.height, 8 / pixelRatio);
  return { width: Math.max(1, natural.width * scale), height: Math.max(1, natural.height * scale) };
}
