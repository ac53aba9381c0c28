/** Where tiles go: sizes and moves, in CSS pixels. Pure. */

/** Tiles on one page; the keys + and - walk along these. */
export const SIZES = [20, 30, 40, 50, 60] as const;
export const GAP = 6;
const MIN_WIDTH = 84;
const MAX_WIDTH = 300;
/** Tiles are as wide and high as most photos are, within reason; a photo of another shape stands whole in its tile. */
const ASPECTS: readonly [narrowest: number, widest: number] = [0.75, 1.5];

export interface Size {
  width: number;
  height: number;
}

/** Width by height of the tiles for these photos: the middle one's. */
export function aspectOf(photos: readonly Size[]): number {
  const all = photos.map(({ width, height }) => (height > 0 ? width / height : 1)).sort((a, b) => a - b);
  const middle = all[Math.floor(all.length / 2)] ?? 4 / 3;
  return Math.min(ASPECTS[1], Math.max(ASPECTS[0], middle));
}

export interface FitInput extends Size {
  /** Number of tiles per group; each group starts a new row below a heading. */
  groups: readonly number[];
  aspect: number;
  /** Height of one heading with its margins; 0 when there are none. */
  headHeight: number;
}

export interface Fit {
  columns: number;
  tileWidth: number;
}

/** Columns and width of the largest tiles that all fit without scrolling, else of the smallest ones allowed. */
export function fitTiles({ groups, width, height, aspect, headHeight }: FitInput): Fit {
  const most = Math.max(1, ...groups);
  const free = height - headHeight * groups.length;
  let best: Fit = { columns: 1, tileWidth: 0 };
  for (let columns = 1; columns <= most; columns += 1) {
    const rows = groups.reduce((sum, n) => sum + Math.ceil(n / columns), 0);
    const byWidth = (width - GAP * (columns - 1)) / columns;
    const byHeight = ((free - GAP * (rows - 1)) / Math.max(1, rows)) * aspect;
    const tileWidth = Math.floor(Math.min(byWidth, byHeight, MAX_WIDTH));
    if (tileWidth > best.tileWidth) best = { columns, tileWidth };
  }
  if (best.tileWidth >= MIN_WIDTH) return best;
  const columns = Math.max(1, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
  return { columns, tileWidth: Math.floor((width - GAP * (columns - 1)) / columns) };
}

/** The size before or after `size`; the same at the ends. */
export function sizeStep(size: number, step: 1 | -1): number {
  const at = SIZES.findIndex((candidate) => candidate >= size);
  const index = Math.min(SIZES.length - 1, Math.max(0, (at < 0 ? SIZES.length - 1 : at) + step));
  return SIZES[index] ?? size;
}

export interface Place {
  id: number;
  x: number;
  y: number;
}
export type Move = "left" | "right" | "up" | "down" | "first" | "last";

/** The tile that a key leads to from `from`; `places` are tops and lefts in the order of the page. */
export function moveTo(places: readonly Place[], from: number | null, move: Move): number | null {
  const last = places.length - 1;
  if (last < 0) return null;
  const at = places.findIndex((place) => place.id === from);
  const here = places[at];
  if (!here || move === "first") return places[0]?.id ?? null;
  if (move === "last") return places[last]?.id ?? null;
  if (move === "left" || move === "right") {
    const next = places[Math.min(last, Math.max(0, at + (move === "left" ? -1 : 1)))];
    return next?.id ?? here.id;
  }
  const sign = move === "up" ? -1 : 1;
  const beyond = places.filter((place) => (place.y - here.y) * sign > 1);
  if (beyond.length === 0) return here.id;
  const row = Math.min(...beyond.map((place) => (place.y - here.y) * sign));
  const inRow = beyond.filter((place) => (place.y - here.y) * sign <= row + 1);
  return inRow.reduce((best, place) =>
    Math.abs(place.x - here.x) < Math.abs(best.x - here.x) ? place : best,
  ).id;
}

/** Where a peek of `size` goes beside the tile: on the roomier side, inside the window. */
export function peekPlace(
  tile: Size & { left: number; top: number },
  size: Size,
  screen: Size,
): { left: number; top: number } {
  const margin = 8;
  const roomRight = screen.width - tile.left - tile.width;
  const left = roomRight >= tile.left ? tile.left + tile.width + margin : tile.left - size.width - margin;
  const top = tile.top + tile.height / 2 - size.height / 2;
  const inside = (value: number, limit: number) => Math.max(margin, Math.min(value, limit - margin));
  return { left: inside(left, screen.width - size.width), top: inside(top, screen.height - size.height) };
}
