import type { Decision, Progress, QueueItem, TriageReserved } from "@/api/types";
import { foldLog } from "@/lib/decisions";
import {
  type Choice,
  inverted,
  isOut,
  isSameChoice,
  type Lot,
  lotOf,
  type Marks,
  rangeOf,
  relabelled,
  undoOf,
  withOut,
} from "./lot";
import { grouped, mergePage, reserveCount, turned } from "./page";

export type Hint = "nothing_to_undo" | "nothing_to_save";

export interface GridState {
  phase: "loading" | "ready" | "empty" | "failed";
  choice: Choice | null;
  /** On screen, in the order of the page. */
  tiles: readonly QueueItem[];
  /** Held behind the page, fetched ahead. */
  next: readonly QueueItem[];
  marks: Marks;
  /** The tile that has, or had last, the keyboard's focus. */
  cursor: number | null;
  size: number;
  lots: readonly Lot[];
  last: { what: "confirmed" | "undone"; lot: Lot } | null;
  hint: Hint | null;
  progress: Progress | null;
  hasMore: boolean;
}

export interface GridPorts {
  /** Takes a decision at once; see `Outbox.push`. */
  push(decision: Decision): void;
  pending(): Promise<Decision[]>;
  pendingHere(): Decision[];
  reserve(choice: Choice, count: number): Promise<TriageReserved>;
  lots: {
    load(): Promise<Lot[]>;
    add(lot: Lot): void;
    remove(lot: Lot): void;
  };
  isSeen(photoId: number): boolean;
  now?: () => Date;
}

export interface GridOptions {
  scaleId: number;
  stageCount: number;
  size: number;
  ports: GridPorts;
}

const LOTS_KEPT = 50;
const NO_MARKS: Marks = new Map();

/**
 * The state of the triage grid, without React.
 *
 * Every act is applied here at once; decisions go to the outbox, nothing waits for the server.
 */
export class GridStore {
  private state: GridState;
  private readonly listeners = new Set<() => void>();
  private readonly ports: GridPorts;
  private readonly now: () => Date;
  /** Photos dealt with while a request is under way. */
  private readonly decidedSince = new Set<number>();
  /** Photos brought back by an undo: on screen although an unsent log may still call them settled. */
  private readonly returned = new Set<number>();
  /** Where a Shift range starts. */
  private anchor: number | null = null;
  private shownAt = 0;
  private refilling: Promise<void> | null = null;

  constructor(private readonly options: GridOptions) {
    this.ports = options.ports;
    this.now = options.ports.now ?? (() => new Date());
    this.state = {
      phase: "loading",
      choice: null,
      tiles: [],
      next: [],
      marks: NO_MARKS,
      cursor: null,
      size: options.size,
      lots: [],
      last: null,
      hint: null,
      progress: null,
      hasMore: true,
    };
  }

  getState = (): GridState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  async start(): Promise<void> {
    const lots = await this.ports.lots.load();
    this.change({ lots: [...lots, ...this.state.lots].slice(-LOTS_KEPT) });
  }

  /** What a tile looks like, as one word: equal words need no drawing. */
  look(photoId: number): string {
    const { marks, cursor } = this.state;
    const mark = marks.get(photoId);
    const word = mark ? (mark.kind === "out" ? "out" : `stage ${mark.stage}`) : "in";
    return cursor === photoId ? `${word} cursor` : word;
  }

  // ---- the page -------------------------------------------------------------------------------

  /** Turns to another stage or boundary. */
  choose(choice: Choice): void {
    if (isSameChoice(choice, this.state.choice)) return;
    this.change({
      choice,
      tiles: [],
      next: [],
      marks: NO_MARKS,
      cursor: null,
      phase: "loading",
      hint: null,
      hasMore: true,
    });
    // A request for the earlier choice may be under way; its answer is dropped.
    this.refilling = null;
    void this.refill();
  }

  setSize(size: number): void {
    const { tiles, next, marks } = this.state;
    if (size === this.state.size) return;
    // Marked tiles stay on the page even when it shrinks: what was said must not go out of sight.
    const first = tiles.slice(0, size);
    const rest = tiles.slice(size);
    const kept = [...first, ...rest.filter((tile) => marks.has(tile.photo_id))];
    const back = rest.filter((tile) => !marks.has(tile.photo_id));
    this.change({ size, ...this.arranged(kept, [...back, ...next], size) });
    void this.refill();
  }

  moveCursor(photoId: number, isRange = false): void {
    if (isRange) this.anchor ??= this.state.cursor;
    else this.anchor = null;
    const { tiles, marks } = this.state;
    const range = isRange && this.anchor !== null ? rangeOf(tiles, this.anchor, photoId) : [];
    this.change({ cursor: photoId, ...(range.length > 0 ? { marks: withOut(marks, range, true) } : {}) });
  }

  // ---- marks ----------------------------------------------------------------------------------

  /** Takes a tile out, or puts it back; with `isRange` all tiles from the last one acted on, in the same way. */
  toggle(photoId: number, isRange = false): void {
    const { tiles, marks, cursor } = this.state;
    const from = this.anchor ?? cursor;
    const ids = isRange && from !== null ? rangeOf(tiles, from, photoId) : [photoId];
    const out = isRange ? true : !marks.has(photoId);
    if (!isRange) this.anchor = photoId;
    this.change({ cursor: photoId, marks: withOut(marks, ids, out), hint: null });
  }

  toggleCursor(): void {
    if (this.state.cursor !== null) this.toggle(this.state.cursor);
  }

  /** Takes out the tile at the cursor, whatever it was. */
  takeOut(): void {
    const { cursor, marks } = this.state;
    if (cursor !== null) this.change({ marks: withOut(marks, [cursor], true), hint: null });
  }

  /** All out; once more, and all are in again. */
  toggleAll(): void {
    const { tiles, marks } = this.state;
    const isAll = tiles.every((tile) => isOut(marks, tile.photo_id));
    const ids = tiles.map((tile) => tile.photo_id);
    this.change({ marks: withOut(marks, ids, !isAll), hint: null });
  }

  invert(): void {
    this.change({ marks: inverted(this.state.marks, this.state.tiles), hint: null });
  }

  /** Gives the tiles that are out this stage; with none out, the one at the cursor. */
  relabel(stage: number): void {
    if (stage < 0 || stage >= this.options.stageCount) return;
    const { tiles, marks, cursor } = this.state;
    const out = tiles.filter((tile) => isOut(marks, tile.photo_id)).map((tile) => tile.photo_id);
    const ids = out.length > 0 ? out : cursor === null ? [] : [cursor];
    this.change({ marks: relabelled(marks, tiles, new Set(ids), stage), hint: null });
  }

  // ---- lots -----------------------------------------------------------------------------------

  /** Saves the page as one lot and shows the next one. */
  confirm(): void {
    const { choice, tiles, next, marks, size, lots } = this.state;
    if (!choice) return;
    const now = this.now();
    const lot = lotOf({
      choice,
      tiles,
      marks,
      isSeen: (id) => this.ports.isSeen(id),
      scale: this.options.scaleId,
      now,
      lookedMs: now.getTime() - this.shownAt,
    });
    if (lot.decisions.length === 0) {
      this.change({ hint: "nothing_to_save" });
      return;
    }
    const gone = new Set(lot.items.map((item) => item.photo_id));
    for (const decision of lot.decisions) this.ports.push(decision);
    for (const id of gone) {
      this.decidedSince.add(id);
      this.returned.delete(id);
    }
    const rest = tiles.filter((tile) => !gone.has(tile.photo_id));
    const page = this.arranged(rest, next, size);
    this.change({
      ...page,
      marks: NO_MARKS,
      cursor: page.tiles[0]?.photo_id ?? null,
      phase: page.tiles.length > 0 ? "ready" : "loading",
      lots: [...lots, lot].slice(-LOTS_KEPT),
      last: { what: "confirmed", lot },
      hint: null,
    });
    this.ports.lots.add(lot);
  }

  /** Takes back the last lot, whole, and shows it as it was. */
  undo(): void {
    const { lots, tiles, next, choice } = this.state;
    const lot = lots.at(-1);
    if (!lot) {
      this.change({ hint: "nothing_to_undo" });
      return;
    }
    for (const decision of undoOf(lot, this.now())) this.ports.push(decision);
    this.ports.lots.remove(lot);
    for (const item of lot.items) {
      this.returned.add(item.photo_id);
      this.decidedSince.delete(item.photo_id);
    }
    const isHere = isSameChoice(lot.choice, choice);
    if (!isHere) this.refilling = null;
    const back = new Set(lot.items.map((item) => item.photo_id));
    const behind = isHere ? [...tiles, ...next].filter((tile) => !back.has(tile.photo_id)) : [];
    this.change({
      choice: lot.choice,
      // Their leases ended with the decisions; the server takes the new ones without.
      ...this.arranged(
        lot.items.map((item) => ({ ...item, reservation: "" })),
        behind,
        lot.items.length,
      ),
      marks: lot.marks,
      cursor: lot.items[0]?.photo_id ?? null,
      phase: "ready",
      lots: lots.slice(0, -1),
      last: { what: "undone", lot },
      hint: null,
      ...(isHere ? {} : { hasMore: true }),
    });
  }

  dismissLast(): void {
    this.change({ last: null });
  }

  /** Takes a hint back that no longer holds. */
  dropHint(hint: Hint): void {
    if (this.state.hint === hint) this.change({ hint: null });
  }

  setProgress(progress: Progress): void {
    this.change({ progress });
  }

  // ---- leases ---------------------------------------------------------------------------------

  /** Photos before this expert and not dealt with, those of undone lots too: what to give back when they leave. */
  held(): number[] {
    const { tiles, next } = this.state;
    return [...tiles, ...next].map((tile) => tile.photo_id);
  }

  /** Whether a request now could bring more: best asked when all decisions are sent, since unsent ones hold leases. */
  get needsRefill(): boolean {
    const { phase, tiles, next, size, hasMore } = this.state;
    return phase === "loading" || (hasMore && tiles.length + next.length < reserveCount(size, 0));
  }

  /** Renews all leases and takes new ones. Calls made meanwhile share the one under way. Never rejects. */
  refill(): Promise<void> {
    if (this.refilling) return this.refilling;
    const mine: Promise<void> = this.reserve().finally(() => {
      if (this.refilling === mine) this.refilling = null;
    });
    this.refilling = mine;
    return mine;
  }

  private async reserve(): Promise<void> {
    const { choice } = this.state;
    if (!choice) return;
    this.decidedSince.clear();
    const unsentBefore = foldLog(await this.ports.pending()).settled;
    let answer: TriageReserved;
    try {
      answer = await this.ports.reserve(choice, reserveCount(this.state.size, unsentBefore.size));
    } catch {
      if (isSameChoice(choice, this.state.choice)) {
        this.change({ phase: this.state.tiles.length > 0 ? "ready" : "failed" });
      }
      return;
    }
    if (!isSameChoice(choice, this.state.choice)) return;
    const unsentNow = foldLog(this.ports.pendingHere()).settled;
    const settled = new Set([...unsentBefore, ...unsentNow, ...this.decidedSince]);
    for (const id of this.returned) settled.delete(id);
    const { tiles, size } = this.state;
    const merged = mergePage({ tiles, reserved: answer.items, settled, size });
    const page = this.arranged(merged.tiles, merged.next, size);
    const isWaiting = page.tiles.length === 0 && (answer.has_more || unsentBefore.size > 0);
    this.change({
      ...page,
      cursor: this.state.cursor ?? page.tiles[0]?.photo_id ?? null,
      progress: answer.progress,
      hasMore: answer.has_more,
      phase: page.tiles.length > 0 ? "ready" : isWaiting ? "loading" : "empty",
    });
  }

  /** A page of `size`, its tiles in the order in which they are drawn. */
  private arranged(tiles: readonly QueueItem[], next: readonly QueueItem[], size: number) {
    const page = turned(tiles, next, size);
    return { tiles: grouped(page.tiles).flatMap((group) => group.tiles), next: page.next };
  }

  private change(part: Partial<GridState>): void {
    if (part.tiles && part.tiles[0]?.photo_id !== this.state.tiles[0]?.photo_id) {
      this.shownAt = this.now().getTime();
    }
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}
