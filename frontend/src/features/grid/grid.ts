import { ApiError, api } from "@/api/client";
import type { Project, QueueItem, TriageReserved, User } from "@/api/types";
import { afterPaint, oncePerPaint } from "@/lib/afterPaint";
import { benchOutbox } from "@/lib/benchOutbox";
import { isForeign } from "@/lib/hotkeys";
import type { Outbox } from "@/lib/outbox";
import { type Move, moveTo, sizeStep } from "./fit";
import { type Action, meaningOf } from "./keys";
import type { Choice } from "./lot";
import { browserLots } from "./lots";
import { DWELL_MS, SeenPhotos } from "./seen";
import { GridStore } from "./store";

/** A page without photos asks again this often: others may give some back, a refresh may suggest more. */
const POLL_MS = 12_000;
/** Leases last 15 minutes; who looks for long keeps theirs. */
const RENEW_MS = 4 * 60_000;
/** How much of a tile must be in view. */
const IN_VIEW = 0.6;
const HOVER_MS = 600;
export const SIZE_KEY = "antesis.grid.size";

/** What the grid asks of the page around it. */
export interface GridPage {
  openHelp: () => void;
  toBench: () => void;
  /** Turns to the choice before or after the present one. */
  step: (step: 1 | -1) => void;
  /** A scale that changed meanwhile, or counts that did. */
  reload: () => void;
}

export interface Peek {
  item: QueueItem;
  tile: DOMRect;
}

/**
 * Puts store, outbox, keyboard and the watch over what is on screen together, for one expert in one project.
 *
 * Tiles are React's, but a key or click changes one tile's look only: each listens for its own.
 */
export class Grid {
  readonly store: GridStore;
  readonly outbox: Outbox;
  readonly seen = new SeenPhotos();
  page: GridPage = {
    openHelp: () => undefined,
    toBench: () => undefined,
    step: () => undefined,
    reload: () => undefined,
  };
  areKeysOn = true;
  private readonly tiles = new Map<number, HTMLElement>();
  private readonly ids = new WeakMap<Element, number>();
  private readonly observer: IntersectionObserver;
  private readonly closing = new AbortController();
  private readonly seenListeners = new Set<() => void>();
  private readonly peekListeners = new Set<() => void>();
  private peeked: Peek | null = null;
  private hovered: number | null = null;
  private seenVersion = 0;
  private seenTimer: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private hoverTimer: ReturnType<typeof setTimeout> | undefined;
  /** Held, so that the browser keeps what it fetched. */
  private ahead = new Map<string, HTMLImageElement>();
  private isAltHeld = false;
  private lastAsked = 0;
  private unsent = 0;
  private nAttention = 0;

  constructor(
    user: User,
    private readonly project: Project,
    size: number,
  ) {
    this.outbox = benchOutbox(user.id);
    this.observer = new IntersectionObserver((entries) => this.onSight(entries), { threshold: [0, IN_VIEW] });
    this.store = new GridStore({
      scaleId: project.scale.id,
      stageCount: project.scale.stages.length,
      size,
      ports: {
        push: (decision) => void this.outbox.push(project.slug, decision),
        pending: () => this.outbox.pending(project.slug),
        pendingHere: () => this.outbox.pendingHere(project.slug),
        reserve: (choice, count) => this.reserve(choice, count),
        lots: browserLots(user.id, project.slug),
        isSeen: this.seen.isSeen,
      },
    });
  }

  async start(): Promise<void> {
    const { signal } = this.closing;
    window.addEventListener("keydown", (event) => this.onKeyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.onKeyUp(event), { signal });
    window.addEventListener("blur", () => this.peek(null), { signal });
    window.addEventListener("online", () => void this.store.refill(), { signal });
    window.addEventListener("pagehide", () => this.release(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && void this.store.refill(), { signal });
    document.addEventListener("visibilitychange", () => this.onVisible(), { signal });
    const unsubscribe = [this.store.subscribe(this.afterAct), this.outbox.subscribe(this.afterAnswer)];
    signal.addEventListener("abort", () => {
      for (const each of unsubscribe) each();
    });
    this.timer = setInterval(() => this.tick(), POLL_MS);
    await this.store.start();
  }

  /** Stops, and gives back what is held and not dealt with. */
  close(): void {
    this.release();
    this.closing.abort();
    clearInterval(this.timer);
    clearTimeout(this.seenTimer);
    clearTimeout(this.hoverTimer);
    this.observer.disconnect();
  }

  // ---- acts -----------------------------------------------------------------------------------

  /** The one place where an action of a key or a button happens. */
  perform(action: Action): void {
    const { store } = this;
    const acts: Record<Action, () => void> = {
      confirm: () => this.confirm(),
      toggle: () => store.toggleCursor(),
      take_out: () => store.takeOut(),
      all: () => store.toggleAll(),
      invert: () => store.invert(),
      undo: () => this.undo(),
      smaller: () => this.resize(1),
      larger: () => this.resize(-1),
      previous: () => this.page.step(-1),
      next: () => this.page.step(1),
      bench: () => this.page.toBench(),
      escape: () => (this.peeked ? this.peek(null) : this.page.toBench()),
      help: () => this.page.openHelp(),
    };
    acts[action]();
  }

  private confirm(): void {
    this.peek(null);
    this.hovered = null;
    this.store.confirm();
    this.focusCursor();
    // The next page is on screen first; the lot is stored already and may leave at once.
    afterPaint(() => void this.outbox.flush());
  }

  private undo(): void {
    this.store.undo();
    this.seen.remember(this.store.getState().tiles.map((tile) => tile.photo_id));
    this.focusCursor();
  }

  /** More and smaller tiles, or fewer and larger ones. */
  private resize(step: 1 | -1): void {
    const size = sizeStep(this.store.getState().size, step);
    localStorage.setItem(SIZE_KEY, String(size));
    this.store.setSize(size);
  }

  /** Signs in again through the page's dialog, then sends what waited. */
  async signInAgain(): Promise<void> {
    try {
      await api.get(`/projects/${this.project.slug}/queue`);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return;
    }
    this.outbox.resume();
    void this.store.refill();
  }

  // ---- tiles ----------------------------------------------------------------------------------

  /** A tile has come onto the page; the function that is returned takes it off again. */
  addTile(photoId: number, element: HTMLElement): () => void {
    this.tiles.set(photoId, element);
    this.ids.set(element, photoId);
    this.observer.observe(element);
    return () => {
      this.observer.unobserve(element);
      if (this.tiles.get(photoId) === element) this.tiles.delete(photoId);
      this.seen.leave(photoId);
    };
  }

  loaded(photoId: number): void {
    this.seen.load(photoId);
    this.watchSeen();
  }

  getSeenVersion = (): number => this.seenVersion;

  subscribeSeen = (listener: () => void): (() => void) => {
    this.seenListeners.add(listener);
    return () => this.seenListeners.delete(listener);
  };

  private onSight(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, intersectionRatio } of entries) {
      const id = this.ids.get(target);
      if (id === undefined) continue;
      if (intersectionRatio >= IN_VIEW) this.seen.appear(id);
      else this.seen.leave(id);
    }
    this.watchSeen();
  }

  /** Tells the page when the next photos count as seen. */
  private watchSeen(): void {
    clearTimeout(this.seenTimer);
    const due = this.seen.dueIn();
    if (due === null) return;
    // A little later than the first is due, so that those that came with it are told together.
    this.seenTimer = setTimeout(
      () => {
        this.seenVersion += 1;
        this.store.dropHint("nothing_to_save");
        for (const listener of this.seenListeners) listener();
        this.watchSeen();
      },
      Math.max(0, due) + DWELL_MS / 10,
    );
  }

  private move(move: Move, isRange: boolean): void {
    const places = this.store.getState().tiles.flatMap((tile) => {
      const box = this.tiles.get(tile.photo_id)?.getBoundingClientRect();
      return box ? [{ id: tile.photo_id, x: box.left, y: box.top }] : [];
    });
    const to = moveTo(places, this.store.getState().cursor, move);
    if (to === null) return;
    this.store.moveCursor(to, isRange);
    this.focusCursor();
    if (this.peeked) this.peek(to);
  }

  /** Puts the keyboard's focus on the tile at the cursor, once it is drawn. */
  focusCursor(): void {
    queueMicrotask(() => {
      const { cursor } = this.store.getState();
      const element = cursor === null ? undefined : this.tiles.get(cursor);
      if (element && isFreeToFocus()) element.focus();
    });
  }

  // ---- peek -----------------------------------------------------------------------------------

  getPeek = (): Peek | null => this.peeked;

  subscribePeek = (listener: () => void): (() => void) => {
    this.peekListeners.add(listener);
    return () => this.peekListeners.delete(listener);
  };

  /** The mouse rests on a tile: it peeks after a while, or at once where a peek is open. Null: it has left. */
  hover(photoId: number | null): void {
    if (photoId !== null && photoId === this.hovered) return;
    clearTimeout(this.hoverTimer);
    this.hovered = photoId;
    if (photoId === null || this.peeked) this.peek(photoId);
    else this.hoverTimer = setTimeout(() => this.peek(photoId), HOVER_MS);
  }

  /** A click or tap on a tile. A peek by hovering goes: it would hide what the click did next to it. */
  toggle(photoId: number, isRange: boolean): void {
    if (!this.isAltHeld) this.peek(null);
    this.store.toggle(photoId, isRange);
  }

  peek(photoId: number | null): void {
    clearTimeout(this.hoverTimer);
    if (photoId === null && !this.peeked) return;
    const item = this.store.getState().tiles.find((tile) => tile.photo_id === photoId);
    const element = item ? this.tiles.get(item.photo_id) : undefined;
    this.peeked = item && element ? { item, tile: element.getBoundingClientRect() } : null;
    for (const listener of this.peekListeners) listener();
  }

  // ---- keyboard -------------------------------------------------------------------------------

  private onKeyDown(event: KeyboardEvent): void {
    const isOnTile = event.target instanceof Element && event.target.closest("[role='option']") !== null;
    const isDialogOpen = document.querySelector("[role='dialog'][aria-modal='true']") !== null;
    if (isDialogOpen || !(this.areKeysOn || isOnTile)) return;
    if (event.key === "Alt") {
      this.onAlt(event);
      return;
    }
    const meaning = meaningOf(event, this.project.scale.stages);
    if (!meaning) return;
    // Enter and Space on a tile are the grid's own, though a tile is something to press.
    const press = isOnTile ? { ...pressOf(event), target: null } : event;
    if (isForeign(press, { allowRepeat: meaning.kind === "move", isDialogOpen })) return;
    // Arrows scroll and walk elsewhere.
    if (meaning.kind === "move" && !isFreeToFocus()) return;
    event.preventDefault();
    if (meaning.kind === "move") this.move(meaning.move, meaning.isRange);
    else if (meaning.kind === "relabel") this.store.relabel(meaning.position);
    else this.perform(meaning.action);
  }

  private onAlt(event: KeyboardEvent): void {
    event.preventDefault();
    this.isAltHeld = true;
    if (!event.repeat) this.peek(this.hovered ?? this.store.getState().cursor);
  }

  private onKeyUp(event: KeyboardEvent): void {
    if (event.key !== "Alt") return;
    this.isAltHeld = false;
    if (this.peeked) event.preventDefault();
    this.peek(null);
  }

  // ---- leases ---------------------------------------------------------------------------------

  private reserve(choice: Choice, count: number): Promise<TriageReserved> {
    this.lastAsked = Date.now();
    return api.post<TriageReserved>(`/projects/${this.project.slug}/triage/reserve`, {
      [choice.kind]: choice.position,
      count,
    });
  }

  private release(): void {
    const photoIds = this.store.held();
    if (photoIds.length === 0) return;
    const body = { mode: "grid", photo_ids: photoIds };
    api
      .post(`/projects/${this.project.slug}/queue/release`, body, { quiet: true, keepalive: true })
      .catch(() => undefined);
  }

  /** After the paint of an act: the photos of the next page are fetched while this one is looked at. */
  private readonly afterAct = oncePerPaint(() => {
    if (this.closing.signal.aborted) return;
    const { tiles, next } = this.store.getState();
    this.preload(next);
    this.seen.forgetAllBut(new Set(tiles.map((tile) => tile.photo_id)));
    this.watchSeen();
  });

  private preload(items: readonly QueueItem[]): void {
    const ahead = new Map<string, HTMLImageElement>();
    for (const { thumb_url: url } of items) {
      const image = this.ahead.get(url) ?? new Image();
      if (!image.src) {
        image.fetchPriority = "low";
        image.src = url;
      }
      ahead.set(url, image);
    }
    this.ahead = ahead;
  }

  private readonly afterAnswer = oncePerPaint(() => {
    if (this.closing.signal.aborted) return;
    const { progress, unsent, attention } = this.outbox.getState();
    if (progress?.project === this.project.slug && progress.value !== this.store.getState().progress) {
      this.store.setProgress(progress.value);
    }
    const wasSending = this.unsent > 0;
    this.unsent = unsent;
    if (wasSending && unsent === 0) {
      this.page.reload();
      if (this.store.needsRefill) void this.store.refill();
    }
    const isScaleNews = attention.slice(this.nAttention).some((item) => item.code === "scale_changed");
    this.nAttention = attention.length;
    if (isScaleNews) this.page.reload();
  });

  private tick(): void {
    if (document.visibilityState === "hidden") return;
    const { phase } = this.store.getState();
    const isStale = Date.now() - this.lastAsked > RENEW_MS;
    if (phase !== "ready" || isStale) void this.store.refill();
  }

  private onVisible(): void {
    const isShown = document.visibilityState === "visible";
    this.seen.showTab(isShown);
    this.watchSeen();
    if (isShown && Date.now() - this.lastAsked > POLL_MS) void this.store.refill();
  }
}

/** Whether the focus is nowhere in particular, or on a tile: only then may the grid move it. */
function isFreeToFocus(): boolean {
  const active = document.activeElement;
  return (
    active === null ||
    active === document.body ||
    active.id === "content" ||
    active.closest("[role='listbox']") !== null
  );
}

function pressOf(event: KeyboardEvent) {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey, repeat, isComposing, defaultPrevented } = event;
  return { key, code, ctrlKey, metaKey, altKey, shiftKey, repeat, isComposing, defaultPrevented };
}
