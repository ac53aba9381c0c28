/** Which tiles are on the page and which wait behind it. Pure. */
import type { QueueItem } from "@/api/types";

/** Most photos that one request may hold. */
export const RESERVE_LIMIT = 120;

/** How many photos to hold: the page, the one behind it, and those whose decisions are still on their way. */
export function reserveCount(size: number, unsent: number): number {
  return Math.min(RESERVE_LIMIT, 2 * size + unsent);
}

export interface Tiles {
  tiles: readonly QueueItem[];
  next: readonly QueueItem[];
}

export interface MergeInput {
  tiles: readonly QueueItem[];
  /** What the server answered, in its order. */
  reserved: readonly QueueItem[];
  /** Photos whose acts were unsent when the request left, are unsent now, or were decided since. */
  settled: ReadonlySet<number>;
  size: number;
}

/**
 * The page after an answer.
 *
 * Tiles on screen stay where they are, with the suggestion they were shown with; only their leases are renewed. A page with
 * room is filled at its end. What the server no longer holds for this expert disappears from behind.
 */
export function mergePage({ tiles, reserved, settled, size }: MergeInput): Tiles {
  const fresh = new Map(
    reserved.filter((item) => !settled.has(item.photo_id)).map((item) => [item.photo_id, item]),
  );
  const kept = tiles.map((tile) => {
    const renewed = fresh.get(tile.photo_id);
    fresh.delete(tile.photo_id);
    return renewed ? { ...tile, reservation: renewed.reservation, expires_at: renewed.expires_at } : tile;
  });
  return turned(kept, [...fresh.values()], size);
}

/** A page of `size` from the first of `tiles` and `next`. */
export function turned(tiles: readonly QueueItem[], next: readonly QueueItem[], size: number): Tiles {
  const room = Math.max(0, size - tiles.length);
  return { tiles: [...tiles, ...next.slice(0, room)], next: next.slice(room) };
}

/** The tiles of a page in groups of one suggested stage, in stage order: like beside like, so that odd ones stand out. */
export function grouped(tiles: readonly QueueItem[]): { stage: number | null; tiles: QueueItem[] }[] {
  const groups = new Map<number | null, QueueItem[]>();
  for (const tile of tiles) {
    const stage = tile.suggestion?.position ?? null;
    groups.set(stage, [...(groups.get(stage) ?? []), tile]);
  }
  return [...groups]
    .map(([stage, members]) => ({ stage, tiles: members }))
    .sort((a, b) => (a.stage ?? -1) - (b.stage ?? -1));
}
