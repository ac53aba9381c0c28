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
export function plan(input: PlanInput): Plan {
  const { wanted, held, maxLoading, now } = input;
  const keep = fitting(input);
  const evict = [...held.keys()].filter((photoId) => !keep.includes(photoId));
  const isIdle = (photoId: number) => (held.get(photoId)?.state ?? "failed") === "failed";
  const isResting = (photoId: number) => (held.get(photoId)?.retryAt ?? 0) > now;
  const idle = keep.filter(isIdle);
  const due = idle.filter((photoId) => !isResting(photoId));
  const rests = idle.filter(isResting).map((photoId) => held.get(photoId)?.retryAt ?? 0);
  const busy = keep.filter((photoId) => held.get(photoId)?.state === "loading").length;
  const places = Math.max(0, maxLoading - busy);
  const load = due.filter((photoId, index) => index < places || photoId === wanted[0]);
  return { load, evict, retryAt: rests.length > 0 ? Math.min(...rests) : null };
}

/** The nearest photos that the budget holds; always at least the one on screen. */
function fitting({ wanted, held, bytesOf, budgetBytes }: PlanInput): number[] {
  let used = 0;
  const end = wanted.findIndex((photoId, index) => {
    used += held.get(photoId)?.bytes || bytesOf(photoId);
    return index > 0 && used > budgetBytes;
  });
  return wanted.slice(0, end < 0 ? wanted.length : end);
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
