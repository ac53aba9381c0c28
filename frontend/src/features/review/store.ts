import type { Decision, Progress, QueueItem, QueuePair, Reserved } from "@/api/types";
import { foldLog } from "@/lib/decisions";
import { uuid } from "@/lib/uuid";
import { AHEAD, mergeQueue, reserveCount, settledBy } from "./queue";
import { CANNOT_TELL_REASONS, UNUSABLE_REASONS } from "./reasons";
import { type Refusal, withoutRefused } from "./refusals";
import type { Hint, Prefix, ReviewOptions, ReviewPorts, ReviewState } from "./state";

const HISTORY_LIMIT = 200;
const BEHIND = 3;

/**
 * The state of the bench, without React.
 *
 * Every act is applied here at once and handed to the outbox; nothing waits for the server. `onShow` runs synchronously so
 * that the next photo is in the frame of the key press; subscribers are told in the same turn and are expected to render
 * after the paint.
 */
export class ReviewStore {
  private state: ReviewState = {
    phase: "loading",
    queue: [],
    history: [],
    lookBack: 0,
    prefix: null,
    hint: null,
    last: null,
    note: "",
    progress: null,
  };
  private readonly listeners = new Set<() => void>();
  private readonly returned = new Set<number>();
  /** Photos dealt with while a reservation request is under way. */
  private readonly decidedSince = new Set<number>();
  private readonly ports: ReviewPorts;
  private readonly now: () => Date;
  private shownAt = 0;
  private shownId: number | null = null;
  private refilling: Promise<void> | null = null;

  constructor(private readonly options: ReviewOptions) {
    this.ports = options.ports;
    this.now = options.ports.now ?? (() => new Date());
  }

  getState = (): ReviewState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Reads what earlier visits left and takes the first reservations. */
  async start(): Promise<void> {
    const history = await this.ports.history.load();
    this.change({ history: [...history, ...this.state.history].slice(-HISTORY_LIMIT) });
    await this.refill();
  }

  /** The photo on screen: the current one, or the one looked back at. */
  get shown(): QueueItem | null {
    const { lookBack, history, queue } = this.state;
    return (lookBack > 0 ? history[history.length - lookBack]?.item : queue[0]) ?? null;
  }

  /** The two sides to choose between on the photo that waits for a decision; null when it is asked openly. */
  get pair(): QueuePair | null {
    const { lookBack, queue } = this.state;
    return lookBack === 0 && this.options.asksPairs() ? (queue[0]?.pair ?? null) : null;
  }

  get needsRefill(): boolean {
    return this.state.queue.length <= AHEAD;
  }

  // ---- acts -----------------------------------------------------------------------------------

  /** A digit or stage button: a label, or the second key of a prefix. `position` counts from 0. */
  choose(position: number): void {
    const { prefix } = this.state;
    if (prefix?.kind === "cannot_tell") this.actWithReason("cannot_tell", CANNOT_TELL_REASONS[position]);
    else if (prefix?.kind === "unusable") this.actWithReason("unusable", UNUSABLE_REASONS[position]);
    else if (position < 0 || position >= this.options.stageCount) return;
    else if (prefix?.kind === "between") this.chooseBetween(prefix.first, position);
    else this.act({ kind: "stage", stage: position });
  }

  confirm(): void {
    const item = this.state.queue[0];
    if (this.state.lookBack > 0 || !item) {
      this.hint("looking_back");
      return;
    }
    if (item.is_blind) {
      this.hint("blind_no_confirm");
      return;
    }
    if (!item.suggestion) {
      this.hint("no_suggestion");
      return;
    }
    this.act({ kind: "stage", stage: item.suggestion.position });
  }

  /** Answers the question with two sides. */
  answerPair(side: keyof QueuePair): void {
    const { pair } = this;
    if (pair) this.act({ kind: "stage", stage: pair[side], mode: "pair" });
    else this.hint(this.state.lookBack > 0 ? "looking_back" : "no_pair");
  }

  skip(): void {
    this.act({ kind: "skip" });
  }

  /** Starts a two-key act; the same key again takes it back. */
  startPrefix(kind: Prefix["kind"]): void {
    if (this.state.lookBack > 0) {
      this.hint("looking_back");
      return;
    }
    if (kind === "between" && !this.options.isOrdered) {
      this.hint("between_unordered");
      return;
    }
    const isSame = this.state.prefix?.kind === kind;
    const prefix: Prefix = kind === "between" ? { kind, first: null } : { kind };
    this.change({ prefix: isSame ? null : prefix, hint: null });
  }

  /** Takes back the photo looked at, or else the last act; without limit. */
  undo(): void {
    const { history, queue, lookBack } = this.state;
    const index = history.length - Math.max(1, lookBack);
    const entry = history[index];
    if (!entry) {
      this.hint("nothing_to_undo");
      return;
    }
    const { item, decision } = entry;
    this.ports.push({
      key: uuid(),
      photo_id: item.photo_id,
      kind: "undo",
      undoes: decision.key,
      decided_at: this.now().toISOString(),
    });
    this.ports.history.remove(entry);
    this.returned.add(item.photo_id);
    this.decidedSince.delete(item.photo_id);
    // Its reservation ended with the decision; the server takes the new one without.
    const again = { ...item, reservation: "" };
    this.change({
      queue: [again, ...queue.filter((other) => other.photo_id !== item.photo_id)],
      history: history.filter((_, at) => at !== index),
      lookBack: 0,
      prefix: null,
      hint: null,
      last: { what: "undone", entry },
      phase: "ready",
      note: decision.note ?? "",
    });
  }

  /** Steps through what was dealt with: positive further back, negative towards the current photo. */
  look(step: number): void {
    const lookBack = Math.min(this.state.history.length, Math.max(0, this.state.lookBack + step));
    this.change({ lookBack, prefix: null, hint: null });
  }

  /** Looks at the n-th last photo dealt with; 0 returns to the current one. */
  lookAt(lookBack: number): void {
    this.look(lookBack - this.state.lookBack);
  }

  /** Escape: drops a half-made act, else returns from looking back. */
  cancel(): void {
    if (this.state.prefix) this.change({ prefix: null, hint: null });
    else this.change({ lookBack: 0, hint: null });
  }

  setNote(note: string): void {
    this.change({ note });
  }

  setProgress(progress: Progress): void {
    this.change({ progress });
  }

  /** Counters as the expert sees them: the server's, moved by what is still on its way. */
  counters(): Progress | null {
    const { progress } = this.state;
    if (!progress) return null;
    const { net } = foldLog(this.ports.pendingHere());
    return {
      ...progress,
      left: Math.max(0, progress.left - net),
      mine_today: Math.max(0, progress.mine_today + net),
    };
  }

  // ---- news from elsewhere --------------------------------------------------------------------

  /** The server did not take these decisions: nothing is left to undo, and some photos are asked again, next. */
  refused(refusals: readonly Refusal[]): void {
    const { removed, again, ...rest } = withoutRefused(this.state, refusals);
    if (removed.length === 0) return;
    const { last } = this.state;
    for (const entry of removed) {
      this.ports.history.remove(entry);
      this.decidedSince.delete(entry.item.photo_id);
    }
    for (const item of again) this.returned.add(item.photo_id);
    this.change({
      ...rest,
      last: last && removed.includes(last.entry) ? null : last,
      phase: rest.queue.length > 0 ? "ready" : this.state.phase,
    });
  }

  /** Another tab of this person dealt with a photo: it is not asked here any more. */
  dealtElsewhere(photoId: number): void {
    const { queue, lookBack } = this.state;
    this.decidedSince.add(photoId);
    this.returned.delete(photoId);
    if (!queue.some((item) => item.photo_id === photoId)) return;
    const rest = queue.filter((item) => item.photo_id !== photoId);
    const isOnScreen = lookBack === 0 && queue[0]?.photo_id === photoId;
    this.change({
      queue: rest,
      phase: rest.length > 0 ? "ready" : "loading",
      ...(isOnScreen ? { prefix: null, hint: null, note: "" } : {}),
    });
  }

  // ---- queue ----------------------------------------------------------------------------------

  /** Renews all reservations and takes new ones. Calls made meanwhile share the one under way. Never rejects. */
  refill(): Promise<void> {
    this.refilling ??= this.reserve().finally(() => {
      this.refilling = null;
    });
    return this.refilling;
  }

  private async reserve(): Promise<void> {
    this.decidedSince.clear();
    const unsentBefore = settledBy(await this.ports.pending());
    let answer: Reserved;
    try {
      answer = await this.ports.reserve(reserveCount(unsentBefore.size));
    } catch {
      this.change({ phase: this.state.queue.length > 0 ? "ready" : "failed" });
      return;
    }
    const unsentNow = settledBy(this.ports.pendingHere());
    const settled = new Set([...unsentBefore, ...unsentNow, ...this.decidedSince]);
    // Taken back meanwhile: it was unsent when the request left, but waits for a decision now.
    for (const photoId of this.returned) settled.delete(photoId);
    const queue = mergeQueue({
      queue: this.state.queue,
      reserved: answer.items,
      settled,
      returned: this.returned,
    });
    this.change({ queue, progress: answer.progress, phase: queue.length > 0 ? "ready" : "empty" });
  }

  // ---- inner ----------------------------------------------------------------------------------

  private actWithReason(kind: "cannot_tell" | "unusable", reason: string | undefined): void {
    if (reason) this.act({ kind, reason });
  }

  private chooseBetween(first: number | null, position: number): void {
    if (first === null) {
      this.change({ prefix: { kind: "between", first: position }, hint: null });
      return;
    }
    if (Math.abs(first - position) !== 1) {
      this.hint("between_neighbours");
      return;
    }
    const [stage, stage_upper] = [Math.min(first, position), Math.max(first, position)];
    this.act({ kind: "between", stage, stage_upper });
  }

  private act(part: Pick<Decision, "kind" | "stage" | "stage_upper" | "reason" | "mode">): void {
    const [item, ...rest] = this.state.queue;
    if (this.state.lookBack > 0) {
      this.hint("looking_back");
      return;
    }
    if (!item) return;
    const at = this.now();
    const note = this.state.note.trim();
    const decision: Decision = {
      mode: "single",
      ...part,
      key: uuid(),
      photo_id: item.photo_id,
      scale: this.options.scaleId,
      reservation: item.reservation || null,
      decided_at: at.toISOString(),
      elapsed_ms: Math.max(0, at.getTime() - this.shownAt),
      is_blind: item.is_blind,
      ...(note && part.kind !== "skip" ? { note } : {}),
    };
    const entry = { item, decision };
    this.ports.push(decision);
    this.returned.delete(item.photo_id);
    this.decidedSince.add(item.photo_id);
    this.change({
      queue: rest,
      history: [...this.state.history, entry].slice(-HISTORY_LIMIT),
      prefix: null,
      hint: null,
      last: { what: "decided", entry },
      note: "",
      phase: rest.length > 0 ? "ready" : "loading",
    });
    this.ports.history.add(entry);
  }

  private hint(hint: Hint): void {
    this.change({ hint });
  }

  private change(part: Partial<ReviewState>): void {
    this.state = { ...this.state, ...part };
    // First the photo, then all else.
    if ("queue" in part || "history" in part || "lookBack" in part) this.show();
    for (const listener of this.listeners) listener();
  }

  private show(): void {
    const item = this.shown;
    const id = item?.photo_id ?? null;
    const { lookBack, history, queue } = this.state;
    if (id !== this.shownId) {
      this.shownId = id;
      this.shownAt = this.now().getTime();
    }
    const end = history.length - lookBack;
    const behind = history.slice(Math.max(0, end - BEHIND), end).map((entry) => entry.item);
    const ahead = lookBack > 0 ? queue.slice(0, AHEAD) : queue.slice(1, 1 + AHEAD);
    this.options.onShow({ item, ahead, behind: behind.reverse() });
  }
}
