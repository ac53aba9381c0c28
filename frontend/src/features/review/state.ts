/** The shapes that the bench works on. */
import type { Decision, Progress, QueueItem, Reserved } from "@/api/types";

/** A photo dealt with in this project, newest last; what undo and looking back walk through. */
export interface HistoryEntry {
  item: QueueItem;
  decision: Decision;
}

/** A first key that waits for its second: U, X or F. */
export type Prefix =
  | { kind: "between"; first: number | null }
  | { kind: "cannot_tell" }
  | { kind: "unusable" };

export type Hint =
  | "blind_no_confirm"
  | "no_pair"
  | "no_suggestion"
  | "looking_back"
  | "nothing_to_undo"
  | "between_neighbours"
  | "between_unordered";

/** What happened last, for the live region and the chip over the photo. */
export interface Happening {
  what: "decided" | "undone";
  entry: HistoryEntry;
}

export interface ReviewState {
  phase: "loading" | "ready" | "empty" | "failed";
  /** The first is on screen, unless the expert looks back. */
  queue: readonly QueueItem[];
  history: readonly HistoryEntry[];
  /** 0 at the current photo; n while looking at the n-th last one dealt with. */
  lookBack: number;
  prefix: Prefix | null;
  hint: Hint | null;
  last: Happening | null;
  note: string;
  progress: Progress | null;
}

/** What the stage must show: the photo and its neighbours in time, nearest first. */
export interface View {
  item: QueueItem | null;
  ahead: readonly QueueItem[];
  behind: readonly QueueItem[];
}

export interface ReviewPorts {
  /** Takes a decision at once; see `Outbox.push`. */
  push(decision: Decision): void;
  /** Unsent decisions of all tabs, and of this tab without waiting. */
  pending(): Promise<Decision[]>;
  pendingHere(): Decision[];
  reserve(count: number): Promise<Reserved>;
  history: {
    load(): Promise<HistoryEntry[]>;
    add(entry: HistoryEntry): void;
    remove(entry: HistoryEntry): void;
  };
  now?: () => Date;
}

export interface ReviewOptions {
  stageCount: number;
  isOrdered: boolean;
  /** Goes with every decision, so that positions are never read in another scale than they were meant in. */
  scaleId: number;
  asksPairs: () => boolean;
  ports: ReviewPorts;
  /** Called in the same turn as the key press, before anything else: the swap of the photo. */
  onShow: (view: View) => void;
}
