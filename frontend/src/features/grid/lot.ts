/** What a page of tiles means as decisions. Pure. */
import type { Decision, QueueItem } from "@/api/types";
import { uuid } from "@/lib/uuid";

/** What the grid shows: photos of one suggested stage, or those torn between the stages b and b + 1. */
export interface Choice {
  kind: "stage" | "boundary";
  position: number;
}

export function isSameChoice(a: Choice | null, b: Choice | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.position === b.position);
}

/** What the expert did to a tile; a tile without a mark is confirmed with the rest. */
export type Mark = { kind: "out" } | { kind: "stage"; stage: number };
export type Marks = ReadonlyMap<number, Mark>;

/** What was saved by one Enter, and what it takes to bring it back. */
export interface Lot {
  id: string;
  choice: Choice;
  items: readonly QueueItem[];
  marks: Marks;
  decisions: readonly Decision[];
}

const OUT: Mark = { kind: "out" };

export function isOut(marks: Marks, photoId: number): boolean {
  return marks.get(photoId)?.kind === "out";
}

/** The marks with `photoIds` taken out, or with every mark on them gone. */
export function withOut(marks: Marks, photoIds: Iterable<number>, out: boolean): Marks {
  const next = new Map(marks);
  for (const id of photoIds) {
    if (out) next.set(id, OUT);
    else next.delete(id);
  }
  return next;
}

/** What was in goes out and the other way round; tiles with a stage of their own stay as they are. */
export function inverted(marks: Marks, tiles: readonly QueueItem[]): Marks {
  const next = new Map(marks);
  for (const { photo_id: id } of tiles) {
    if (isOut(marks, id)) next.delete(id);
    else if (!marks.has(id)) next.set(id, OUT);
  }
  return next;
}

/** The marks with another stage on `photoIds`; the suggested one is no mark at all. */
export function relabelled(
  marks: Marks,
  tiles: readonly QueueItem[],
  photoIds: ReadonlySet<number>,
  stage: number,
): Marks {
  const next = new Map(marks);
  for (const { photo_id: id, suggestion } of tiles) {
    if (!photoIds.has(id)) continue;
    if (suggestion?.position === stage) next.delete(id);
    else next.set(id, { kind: "stage", stage });
  }
  return next;
}

/** The tiles from `from` to `to` in the order of the page, both included. */
export function rangeOf(tiles: readonly QueueItem[], from: number, to: number): number[] {
  const ids = tiles.map((tile) => tile.photo_id);
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  if (a < 0 || b < 0) return b < 0 ? [] : [to];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** The stage that Enter saves for a tile; null when it saves none. */
export function stageSaved(
  tile: QueueItem,
  marks: Marks,
  isSeen: (photoId: number) => boolean,
): number | null {
  const mark = marks.get(tile.photo_id);
  if (mark?.kind === "stage") return mark.stage;
  if (mark || !isSeen(tile.photo_id)) return null;
  return tile.suggestion?.position ?? null;
}

/** What Enter would save now. */
export interface Tally {
  /** Number of photos per stage, in stage order, only those above zero. */
  saved: { stage: number; n: number }[];
  nSaved: number;
  nCorrected: number;
  nOut: number;
  /** Not on screen long enough to be confirmed. */
  nUnseen: number;
}

export function tally(
  tiles: readonly QueueItem[],
  marks: Marks,
  isSeen: (photoId: number) => boolean,
): Tally {
  const perStage = new Map<number, number>();
  const count = { nSaved: 0, nCorrected: 0, nOut: 0, nUnseen: 0 };
  for (const tile of tiles) {
    const stage = stageSaved(tile, marks, isSeen);
    if (stage !== null) {
      perStage.set(stage, (perStage.get(stage) ?? 0) + 1);
      count.nSaved += 1;
      if (marks.has(tile.photo_id)) count.nCorrected += 1;
    } else if (isOut(marks, tile.photo_id)) count.nOut += 1;
    else count.nUnseen += 1;
  }
  const saved = [...perStage].map(([stage, n]) => ({ stage, n })).sort((a, b) => a.stage - b.stage);
  return { saved, ...count };
}

export interface LotInput {
  choice: Choice;
  tiles: readonly QueueItem[];
  marks: Marks;
  isSeen: (photoId: number) => boolean;
  /** Id of the scale that stage positions refer to. */
  scale: number;
  now: Date;
  /** How long the page was looked at; each photo gets its share as lead time. */
  lookedMs: number;
}

/**
 * The lot that Enter makes: a stage for each tile that was seen or corrected, a skip for each one taken out (it stays open,
 * for others at once and for this expert later), nothing for tiles that were never on screen.
 */
export function lotOf({ choice, tiles, marks, isSeen, scale, now, lookedMs }: LotInput): Lot {
  const dealtWith = tiles.filter(
    (tile) => isOut(marks, tile.photo_id) || stageSaved(tile, marks, isSeen) !== null,
  );
  const decidedAt = now.toISOString();
  const share = Math.round(Math.max(0, lookedMs) / Math.max(1, dealtWith.length));
  const decisions = dealtWith.map((tile): Decision => {
    const stage = stageSaved(tile, marks, isSeen);
    return {
      key: uuid(),
      photo_id: tile.photo_id,
      ...(stage === null ? { kind: "skip" } : { kind: "stage", stage, scale }),
      reservation: tile.reservation || null,
      decided_at: decidedAt,
      elapsed_ms: share,
      mode: "grid",
      is_blind: false,
    };
  });
  const ids = new Set(dealtWith.map((tile) => tile.photo_id));
  const kept = new Map([...marks].filter(([id]) => ids.has(id)));
  return { id: uuid(), choice, items: dealtWith, marks: kept, decisions };
}

/** Takes back every decision of a lot. */
export function undoOf(lot: Lot, now: Date): Decision[] {
  return lot.decisions.map((decision) => ({
    key: uuid(),
    photo_id: decision.photo_id,
    kind: "undo",
    undoes: decision.key,
    decided_at: now.toISOString(),
    // Says to which page the photo comes back.
    mode: "grid",
  }));
}
