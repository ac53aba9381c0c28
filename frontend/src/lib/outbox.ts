import type { Decision, DecisionResult, Progress } from "@/api/types";
import { backoffDelay } from "./backoff";
import { DecisionLog } from "./decisionLog";
import type { AttentionItem, BenchDatabase, LoggedDecision } from "./idb";

/** Most decisions in one request; the server refuses more. */
export const BATCH_LIMIT = 50;
const REQUEST_TIMEOUT_MS = 30_000;
/** Decisions typed in one burst travel together. */
const GATHER_MS = 300;

export interface SendAnswer {
  status: number;
  results: DecisionResult[];
  progress: Progress | null;
  code: string;
  message: string;
  retryAfterSeconds: number | null;
}

/** Posts a batch. Rejects only when no HTTP answer came. */
export type Send = (
  project: string,
  decisions: Decision[],
  options: { keepalive: boolean; signal: AbortSignal | null },
) => Promise<SendAnswer>;

export type OutboxPhase = "idle" | "sending" | "waiting" | "signed_out";

export interface OutboxState {
  /** Decisions not yet answered by the server, of all tabs of this user. */
  unsent: number;
  phase: OutboxPhase;
  attention: AttentionItem[];
  /** False when the browser refuses storage and decisions live only as long as this tab. */
  isDurable: boolean;
  /** From the last answer, and the project it belongs to. */
  progress: { project: string; value: Progress } | null;
}

export interface OutboxOptions {
  db: Promise<BenchDatabase>;
  userId: number;
  send: Send;
  now?: () => Date;
  random?: () => number;
}

/** What tabs of one person tell each other: that the log or its progress has changed, or a decision just taken. */
type Message =
  | { what: "changed"; progress: OutboxState["progress"] }
  | { what: "taken"; project: string; decision: Decision };

type Round = "more" | "empty" | "retry" | "signed_out";

/**
 * Carries decisions to the server: in order, each exactly once in effect, never dropped.
 *
 * - `push` is called in the key handler; the order of calls is the order on the server. Undo is a decision too.
 * - A lost answer is harmless: the batch goes again with the same keys and the server answers `duplicate`.
 * - Tabs take turns by a Web Lock, since two tabs that send the same rows side by side could swap a decision and its undo.
 * - 401 and 403 stop the queue until `resume`: the decisions wait for their owner to sign in again.
 * - A batch refused as a whole is sent again one by one, so that one bad decision does not hold up the others.
 */
export class Outbox {
  readonly userId: number;
  private readonly log: DecisionLog;
  private readonly send: Send;
  private readonly now: () => Date;
  private readonly random: () => number;
  private readonly listeners = new Set<() => void>();
  private readonly elsewhere = new Set<(project: string, decision: Decision) => void>();
  private readonly channel: BroadcastChannel | null;
  /** This tab's unsent decisions, readable without waiting: for `pagehide`, where nothing may be awaited. */
  private readonly mine = new Map<string, LoggedDecision>();
  private readonly closing = new AbortController();
  private state: OutboxState = { unsent: 0, phase: "idle", attention: [], isDurable: true, progress: null };
  private flushing: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private retryAfterMs: number | null = null;
  private batchLimit = BATCH_LIMIT;
  private askedAgain = false;

  constructor(options: OutboxOptions) {
    this.userId = options.userId;
    this.send = options.send;
    this.now = options.now ?? (() => new Date());
    this.random = options.random ?? Math.random;
    this.log = new DecisionLog(options.db, options.userId);
    this.channel =
      typeof BroadcastChannel === "function"
        ? new BroadcastChannel(`antesis-outbox-${options.userId}`)
        : null;
    const { signal } = this.closing;
    this.channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => this.hear(data), {
      signal,
    });
  }

  /** Starts listening to the browser and sends what an earlier visit left behind. */
  async start(): Promise<void> {
    const { signal } = this.closing;
    const wake = () => this.wake();
    window.addEventListener("online", wake, { signal });
    window.addEventListener("focus", wake, { signal });
    window.addEventListener("pagehide", () => this.sendAtUnload(), { signal });
    document.addEventListener("visibilitychange", wake, { signal });
    await this.recount();
    if (this.state.unsent > 0) this.schedule(0);
  }

  /** Stops listening and sending; unsent decisions stay stored. */
  close(): void {
    this.closing.abort();
    clearTimeout(this.timer);
    this.channel?.close();
    this.listeners.clear();
    this.elsewhere.clear();
  }

  getState = (): OutboxState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Hears of decisions that other tabs of this person take, as they take them. */
  onElsewhere = (listener: (project: string, decision: Decision) => void): (() => void) => {
    this.elsewhere.add(listener);
    return () => this.elsewhere.delete(listener);
  };

  /** Takes a decision. Synchronous for the caller: order and key are fixed when this returns. */
  push(project: string, decision: Decision): Promise<void> {
    this.mine.set(decision.key, { userId: this.userId, project, decision });
    this.change({ unsent: this.state.unsent + 1 });
    const stored = this.log.append(project, decision);
    void stored.then(() => {
      if (this.log.isDurable !== this.state.isDurable) this.change({ isDurable: this.log.isDurable });
      this.tellOtherTabs({ what: "taken", project, decision });
      // The drain under way may have read the log just before this row was in it.
      if (this.flushing) this.askedAgain = true;
      else if (this.state.phase === "idle") this.schedule(GATHER_MS);
    });
    return stored;
  }

  /** Unsent decisions of `project`, oldest first, from all tabs. */
  async pending(project: string): Promise<Decision[]> {
    const rows = await this.log.all();
    return rows.filter((row) => row.project === project).map((row) => row.decision);
  }

  /** This tab's unsent decisions of `project`, without waiting for the database. */
  pendingHere(project: string): Decision[] {
    return [...this.mine.values()].filter((row) => row.project === project).map((row) => row.decision);
  }

  /** Call after signing in again. */
  resume(): void {
    this.attempt = 0;
    this.change({ phase: "idle" });
    this.schedule(0);
  }

  async dismiss(...keys: string[]): Promise<void> {
    for (const key of keys) await this.log.dismiss(key);
    this.change({ attention: await this.log.attention() });
    this.tellOtherTabs();
  }

  /** Sends until nothing is left or something stands in the way. Calls made meanwhile share the one under way. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.flushing) {
      this.askedAgain = true;
      return this.flushing;
    }
    this.flushing = this.withLock(() => this.drain()).finally(() => {
      this.flushing = null;
      if (this.askedAgain && this.state.phase === "idle") {
        this.askedAgain = false;
        this.schedule(0);
      }
    });
    return this.flushing;
  }

  private async drain(): Promise<void> {
    if (this.state.phase === "signed_out") return;
    let round: Round = "more";
    while (round === "more" && !this.closing.signal.aborted) {
      this.askedAgain = false;
      round = await this.sendBatch();
    }
    if (this.closing.signal.aborted) return;
    if (round === "retry") {
      this.attempt += 1;
      this.change({ phase: "waiting" });
      this.schedule(this.retryAfterMs ?? backoffDelay(this.attempt, this.random));
    } else {
      this.change({ phase: round === "signed_out" ? "signed_out" : "idle" });
    }
  }

  private async sendBatch(): Promise<Round> {
    const rows = await this.log.all();
    const first = rows[0];
    this.change({ unsent: rows.length });
    if (!first) return "empty";
    this.change({ phase: "sending" });
    const others = rows.findIndex((row) => row.project !== first.project);
    const batch = rows.slice(0, Math.min(this.batchLimit, others < 0 ? rows.length : others));
    this.retryAfterMs = null;
    let answer: SendAnswer;
    try {
      answer = await this.send(
        first.project,
        batch.map((row) => row.decision),
        { keepalive: false, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
      );
    } catch {
      return "retry";
    }
    return this.accept(batch, answer);
  }

  private async accept(batch: LoggedDecision[], answer: SendAnswer): Promise<Round> {
    const { status } = answer;
    if (status === 401 || status === 403) return "signed_out";
    if (status >= 200 && status < 300) return this.settle(batch, answer);
    if (status >= 500 || status === 408 || status === 429) {
      this.retryAfterMs = answer.retryAfterSeconds === null ? null : answer.retryAfterSeconds * 1000;
      return "retry";
    }
    const [only] = batch;
    if (batch.length > 1 || !only) {
      this.batchLimit = 1;
      return "more";
    }
    await this.log.settle(batch, [this.attentionItem(only, "rejected", answer.code, answer.message)]);
    await this.settled(batch);
    return "more";
  }

  private async settle(batch: LoggedDecision[], answer: SendAnswer): Promise<Round> {
    const results = new Map(answer.results.map((result) => [result.key, result]));
    const answered: LoggedDecision[] = [];
    const attention: AttentionItem[] = [];
    for (const row of batch) {
      const result = results.get(row.decision.key);
      // An unanswered row keeps its place, and so do all behind it: order before speed.
      if (!result) break;
      answered.push(row);
      if (result.outcome === "conflict" || result.outcome === "rejected") {
        attention.push(this.attentionItem(row, result.outcome, result.code, result.message));
      }
    }
    await this.log.settle(answered, attention);
    const project = batch[0]?.project ?? "";
    if (answer.progress) this.change({ progress: { project, value: answer.progress } });
    await this.settled(answered);
    if (answered.length < batch.length) return "retry";
    this.attempt = 0;
    if (this.batchLimit < BATCH_LIMIT) this.batchLimit = Math.min(BATCH_LIMIT, this.batchLimit * 2);
    return "more";
  }

  private async settled(rows: LoggedDecision[]): Promise<void> {
    for (const row of rows) this.mine.delete(row.decision.key);
    await this.recount();
    this.tellOtherTabs();
  }

  private attentionItem(
    row: LoggedDecision,
    outcome: AttentionItem["outcome"],
    code: string,
    message: string,
  ): AttentionItem {
    const { key } = row.decision;
    return { ...row, key, outcome, code, message, at: this.now().toISOString() };
  }

  private async recount(): Promise<void> {
    // Only these: what is pushed from here on may not be in what is read below.
    const known = [...this.mine.keys()];
    const [rows, attention] = await Promise.all([this.log.all(), this.log.attention()]);
    const unsent = new Set(rows.map((row) => row.decision.key));
    // Another tab may have sent what this one took.
    for (const key of known) if (!unsent.has(key)) this.mine.delete(key);
    const waiting = new Set([...unsent, ...this.mine.keys()]).size;
    if (!this.closing.signal.aborted)
      this.change({ unsent: waiting, attention, isDurable: this.log.isDurable });
  }

  private wake(): void {
    if (document.visibilityState === "hidden" || this.state.phase === "signed_out") return;
    this.attempt = 0;
    if (this.state.unsent > 0) this.schedule(0);
  }

  /**
   * Last chance of a page that goes away: post this tab's unsent decisions without waiting. The answer is not seen, so the
   * rows stay and go again next time, as duplicates.
   */
  private sendAtUnload(): void {
    const first = this.mine.values().next().value;
    if (!first || this.state.phase === "signed_out") return;
    const decisions = this.pendingHere(first.project).slice(0, BATCH_LIMIT);
    this.send(first.project, decisions, { keepalive: true, signal: null }).catch(() => undefined);
  }

  private tellOtherTabs(message?: Message): void {
    const said: Message = message ?? { what: "changed", progress: this.state.progress };
    if (!this.closing.signal.aborted) this.channel?.postMessage(said);
  }

  private hear(message: Message): void {
    if (message.what === "taken") {
      for (const listener of this.elsewhere) listener(message.project, message.decision);
    } else if (message.progress) {
      this.change({ progress: message.progress });
    }
    void this.recount();
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    if (this.closing.signal.aborted) return;
    this.timer = setTimeout(() => void this.flush(), delayMs);
  }

  private async withLock(task: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return task();
    try {
      await navigator.locks.request(`antesis-outbox-${this.userId}`, { signal: this.closing.signal }, task);
    } catch (error) {
      if (!this.closing.signal.aborted) throw error;
    }
  }

  private change(part: Partial<OutboxState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}
