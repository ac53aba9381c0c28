import { ApiError, api } from "@/api/client";
import type { Decision, Project, Reserved, User } from "@/api/types";
import { oncePerPaint } from "@/lib/afterPaint";
import { type Action, type BenchSettings, meaningOf } from "@/lib/benchKeys";
import { benchOutbox } from "@/lib/benchOutbox";
import { isForeign } from "@/lib/hotkeys";
import type { AttentionItem } from "@/lib/idb";
import type { Outbox } from "@/lib/outbox";
import { browserHistory } from "./history";
import { Panels } from "./panels";
import { ReferenceLoader } from "./referencePhotos";
import { around, lastNamed } from "./referenceWindow";
import { isOfFormerScale } from "./refusals";
import { PhotoStage, type PhotoStatus } from "./stage";
import type { HistoryEntry, View } from "./state";
import { ReviewStore } from "./store";

/** An empty queue is asked again this often; new photos and refreshes fill it. */
const POLL_MS = 12_000;
/** Reservations last 15 minutes; an expert who thinks for long keeps theirs. */
const RENEW_MS = 4 * 60_000;
const BRIGHTNESS_STEP = 0.2;
const ZOOM_STEP = 1.4;

export interface ViewState {
  photo: PhotoStatus;
  isZoomed: boolean;
  brightness: number;
  isOnline: boolean;
}

/** What the bench asks of the page around it. */
export interface BenchPage {
  openHelp: () => void;
  focusNote: () => void;
  openGrid: () => void;
  /** Opens or closes a section of the side panel, wherever the panel is. */
  toggleSection: (section: "neighbours" | "history") => void;
  /** Decisions meant another scale than the project has now: load it, and say so. */
  scaleChanged: () => void;
}

const NO_PAGE: BenchPage = {
  openHelp: () => undefined,
  focusNote: () => undefined,
  openGrid: () => undefined,
  toggleSection: () => undefined,
  scaleChanged: () => undefined,
};

/**
 * Puts store, outbox, stage and keyboard together for one expert in one project.
 *
 * The keyboard is heard here and not by React, so that nothing stands between the key press and the stage.
 */
export class Bench {
  readonly store: ReviewStore;
  readonly outbox: Outbox;
  readonly panels: Panels;
  page: BenchPage = NO_PAGE;
  private stage: PhotoStage | null = null;
  private view: View = { item: null, ahead: [], behind: [] };
  private viewState: ViewState = {
    photo: "loading",
    isZoomed: false,
    brightness: 1,
    isOnline: navigator.onLine,
  };
  private readonly viewListeners = new Set<() => void>();
  private readonly closing = new AbortController();
  private pointer = { clientX: 0, clientY: 0 };
  private isPeeking = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private lastAsked = 0;
  private historyAtRefill: unknown = null;
  private readonly attentionRead = new Set<string>();
  private readonly references = new ReferenceLoader();
  private readonly openedAt = new Date().toISOString();

  constructor(
    user: User,
    private readonly project: Project,
    public settings: BenchSettings,
  ) {
    this.outbox = benchOutbox(user.id);
    this.panels = new Panels(project.scale.stages);
    this.store = new ReviewStore({
      stageCount: project.scale.stages.length,
      isOrdered: project.scale.is_ordered,
      scaleId: project.scale.id,
      asksPairs: () => this.settings.asksPairs,
      onShow: (view) => {
        this.view = view;
        this.stage?.show(view);
      },
      ports: {
        push: (decision) => void this.outbox.push(project.slug, decision),
        pending: () => this.outbox.pending(project.slug),
        pendingHere: () => this.outbox.pendingHere(project.slug),
        reserve: (count) => this.reserve(count),
        history: browserHistory(user.id, project.slug),
      },
    });
  }

  async start(): Promise<void> {
    const { signal } = this.closing;
    window.addEventListener("keydown", (event) => this.onKeyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.onKeyUp(event), { signal });
    window.addEventListener("online", () => this.onConnection(), { signal });
    window.addEventListener("offline", () => this.onConnection(), { signal });
    document.addEventListener("visibilitychange", () => this.onVisible(), { signal });
    const unsubscribe = [
      this.store.subscribe(this.afterAct),
      this.outbox.subscribe(this.afterAnswer),
      this.outbox.onElsewhere((slug, decision) => this.hearOtherTab(slug, decision)),
    ];
    signal.addEventListener("abort", () => {
      for (const each of unsubscribe) each();
    });
    this.timer = setInterval(() => this.tick(), POLL_MS);
    await this.store.start();
    this.afterAnswer();
  }

  close(): void {
    this.closing.abort();
    clearInterval(this.timer);
    this.stage?.close();
    this.stage = null;
  }

  /** Puts the stage into `host`; the function that is returned takes it out again. */
  attach(host: HTMLElement): () => void {
    const stage = new PhotoStage(host, {
      onStatus: (_photoId, photo) => this.changeView({ photo }),
      onZoom: ({ scale }) => this.changeView({ isZoomed: scale > 1 }),
    });
    this.stage = stage;
    stage.setBrightness(this.viewState.brightness);
    stage.show(this.view);
    return () => {
      stage.close();
      if (this.stage === stage) this.stage = null;
    };
  }

  getViewState = (): ViewState => this.viewState;

  subscribeView = (listener: () => void): (() => void) => {
    this.viewListeners.add(listener);
    return () => this.viewListeners.delete(listener);
  };

  /** The one place where an action of a key, a button or a gesture happens. */
  perform(action: Action): void {
    this.acts[action]();
  }

  private readonly acts: Record<Action, () => void> = {
    confirm: () => this.store.confirm(),
    pair_left: () => this.store.answerPair("left"),
    pair_right: () => this.store.answerPair("right"),
    skip: () => (this.store.getState().lookBack > 0 ? this.store.look(-1) : this.store.skip()),
    between: () => this.store.startPrefix("between"),
    cannot_tell: () => this.store.startPrefix("cannot_tell"),
    unusable: () => this.store.startPrefix("unusable"),
    undo: () => this.store.undo(),
    look_back: () => this.store.look(1),
    comment: () => this.page.focusNote(),
    reference: () => this.panels.toggleReference(),
    reference_previous: () => this.moveReference(-1),
    reference_next: () => this.moveReference(1),
    neighbours: () => this.page.toggleSection("neighbours"),
    history: () => this.page.toggleSection("history"),
    actual_size: () => this.peek(),
    zoom_in: () => this.stage?.zoomBy(ZOOM_STEP),
    zoom_out: () => this.stage?.zoomBy(1 / ZOOM_STEP),
    zoom_reset: () => this.stage?.resetZoom(),
    brighten: () => this.setBrightness(this.viewState.brightness + BRIGHTNESS_STEP),
    darken: () => this.setBrightness(this.viewState.brightness - BRIGHTNESS_STEP),
    grid: () => this.page.openGrid(),
    cancel: () => (this.stage?.isZoomed ? this.stage.resetZoom() : this.store.cancel()),
    help: () => this.page.openHelp(),
  };

  private moveReference(step: 1 | -1): void {
    this.panels.moveReference(step, this.store.shown, lastNamed(this.store.getState().history));
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

  // ---- gestures -------------------------------------------------------------------------------

  movePointer(event: { clientX: number; clientY: number }): void {
    this.pointer = { clientX: event.clientX, clientY: event.clientY };
  }

  zoomAtPointer(factor: number, event: { clientX: number; clientY: number }): void {
    if (this.stage) this.stage.zoomBy(factor, this.stage.pointOf(event));
  }

  toggleActualSize(event: { clientX: number; clientY: number }): void {
    if (this.stage) this.stage.toggleActualSize(this.stage.pointOf(event));
  }

  pan(dx: number, dy: number): void {
    this.stage?.pan(dx, dy);
  }

  private peek(): void {
    if (!this.stage || this.isPeeking) return;
    this.isPeeking = true;
    this.stage.toggleActualSize(this.stage.pointOf(this.pointer));
  }

  // ---- keyboard -------------------------------------------------------------------------------

  private onKeyDown(event: KeyboardEvent): void {
    if (!this.settings.isOn) return;
    const { prefix } = this.store.getState();
    const isReasonAsked = prefix !== null && prefix.kind !== "between";
    const meaning = meaningOf(event, this.project.scale.stages, this.settings.keys, isReasonAsked);
    if (!meaning) return;
    const allowRepeat = meaning.kind === "act" && meaning.action === "undo";
    const isDialogOpen = document.querySelector("[role='dialog'][aria-modal='true']") !== null;
    if (isForeign(event, { allowRepeat, isDialogOpen })) return;
    event.preventDefault();
    if (meaning.kind === "choose") this.store.choose(meaning.position);
    else this.perform(meaning.action);
  }

  private onKeyUp(event: KeyboardEvent): void {
    if (!this.isPeeking || (event.key !== " " && event.type === "keyup" && event.repeat)) return;
    this.isPeeking = false;
    this.stage?.resetZoom();
  }

  // ---- queue ----------------------------------------------------------------------------------

  private reserve(count: number): Promise<Reserved> {
    this.lastAsked = Date.now();
    // Who was asked to sign in and went on without is not asked again by work in the background.
    const quiet = this.outbox.getState().phase === "signed_out";
    return api.post<Reserved>(`/projects/${this.project.slug}/queue/reserve`, { count }, { quiet });
  }

  /** After the paint of an act: take more photos if fewer than wanted are ready behind the one on screen. */
  private readonly afterAct = oncePerPaint(() => {
    const { history } = this.store.getState();
    this.loadReferences(history);
    // An answer without new photos must not ask again at once; the next act or the timer does.
    if (this.closing.signal.aborted || history === this.historyAtRefill || !this.store.needsRefill) return;
    this.historyAtRefill = history;
    void this.store.refill().then(this.afterAct);
  });

  /** So that the reference photos are there at once when they are asked for. */
  private loadReferences(history: readonly HistoryEntry[]): void {
    const { shown } = this.store;
    const { stages } = this.project.scale;
    if (!shown) return;
    const centre = this.panels.centre(shown, lastNamed(history));
    this.references.want(around(centre, stages.length).flatMap((at) => stages[at]?.references ?? []));
  }

  private readonly afterAnswer = oncePerPaint(() => {
    const { progress, attention } = this.outbox.getState();
    this.readAttention(attention);
    if (progress?.project === this.project.slug && progress.value !== this.store.getState().progress) {
      this.store.setProgress(progress.value);
    }
  });

  /** What the server did not take leaves the history; what was meant in another scale is asked again in the new one. */
  private readAttention(attention: readonly AttentionItem[]): void {
    const { slug, scale } = this.project;
    const news = attention.filter(({ key, project }) => project === slug && !this.attentionRead.has(key));
    if (news.length === 0) return;
    for (const { key } of news) this.attentionRead.add(key);
    this.store.refused(news.map(({ key, code }) => ({ key, asksAgain: isOfFormerScale(code) })));
    const isBehind = news.some(
      ({ code, decision, at }) => isOfFormerScale(code) && decision.scale === scale.id && at >= this.openedAt,
    );
    if (isBehind) this.page.scaleChanged();
  }

  private hearOtherTab(slug: string, { kind, photo_id }: Decision): void {
    if (slug !== this.project.slug || kind === "undo") return;
    this.store.dealtElsewhere(photo_id);
    // A hidden tab leaves the photos to the one in use, and asks when it is looked at again.
    if (this.store.getState().queue.length === 0 && document.visibilityState === "visible")
      void this.store.refill();
  }

  private tick(): void {
    if (document.visibilityState === "hidden") return;
    const { phase } = this.store.getState();
    const isStale = Date.now() - this.lastAsked > RENEW_MS;
    if (phase !== "ready" || isStale) void this.store.refill();
  }

  private onVisible(): void {
    if (document.visibilityState === "visible" && Date.now() - this.lastAsked > POLL_MS)
      void this.store.refill();
  }

  private onConnection(): void {
    this.changeView({ isOnline: navigator.onLine });
    if (navigator.onLine) void this.store.refill();
  }

  private setBrightness(wanted: number): void {
    const brightness = Math.round(Math.min(2.4, Math.max(0.4, wanted)) * 10) / 10;
    this.stage?.setBrightness(brightness);
    this.changeView({ brightness });
  }

  private changeView(part: Partial<ViewState>): void {
    const next = { ...this.viewState, ...part };
    const keys = Object.keys(part) as (keyof ViewState)[];
    if (keys.every((key) => next[key] === this.viewState[key])) return;
    this.viewState = next;
    for (const listener of this.viewListeners) listener();
  }
}
