/** What stands open around the photo. The bench remembers it on this device; React hears of it like of the store. */
import type { QueueItem, Stage } from "@/api/types";
import { centreOf, moved } from "./referenceWindow";

export interface PanelState {
  /** The reference photos beside the photo. */
  isReferenceOpen: boolean;
  /** The stage that the expert moved the references to, and the photo for which. */
  chosen: { photoId: number; position: number } | null;
  /** Labelled photos that look alike, and the photo's history, in the side panel. */
  isNeighboursOpen: boolean;
  isHistoryOpen: boolean;
}

type Remembered = Pick<PanelState, "isReferenceOpen" | "isNeighboursOpen" | "isHistoryOpen">;
type Section = "neighbours" | "history";

const STORAGE_KEY = "antesis.review.panels";
const CLOSED: Remembered = { isReferenceOpen: false, isNeighboursOpen: true, isHistoryOpen: true };

/** Storage may be full, forbidden or hold anything; the panels work without. */
function remembered(): Remembered {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null");
    const known = (typeof stored === "object" && stored !== null ? stored : {}) as Partial<Remembered>;
    const names = Object.keys(CLOSED) as (keyof Remembered)[];
    const read = names.map((name) => [name, typeof known[name] === "boolean" ? known[name] : CLOSED[name]]);
    return Object.fromEntries(read) as unknown as Remembered;
  } catch {
    return CLOSED;
  }
}

export class Panels {
  private state: PanelState = { ...remembered(), chosen: null };
  private readonly listeners = new Set<() => void>();

  constructor(private readonly stages: readonly Stage[]) {}

  getState = (): PanelState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  toggleReference(): void {
    this.remember({ isReferenceOpen: !this.state.isReferenceOpen });
  }

  /** Moves the references one stage on or back; opens them if they are closed. */
  moveReference(step: 1 | -1, item: QueueItem | null, lastUsed: number | null): void {
    if (!item) return;
    if (!this.state.isReferenceOpen) {
      this.remember({ isReferenceOpen: true });
      return;
    }
    const position = moved(this.centre(item, lastUsed), step, this.stages.length);
    this.change({ chosen: { photoId: item.photo_id, position } });
  }

  /** The stage in the middle of the references: the expert's choice for this photo, else what says nothing new. */
  centre(item: QueueItem, lastUsed: number | null): number {
    const { chosen } = this.state;
    if (chosen?.photoId === item.photo_id) return chosen.position;
    return centreOf(item, this.stages.length, chosen?.position ?? lastUsed);
  }

  toggle(section: Section): void {
    if (section === "neighbours") this.remember({ isNeighboursOpen: !this.state.isNeighboursOpen });
    else this.remember({ isHistoryOpen: !this.state.isHistoryOpen });
  }

  open(section: Section): void {
    this.remember(section === "neighbours" ? { isNeighboursOpen: true } : { isHistoryOpen: true });
  }

  private remember(part: Partial<Remembered>): void {
    this.change(part);
    const { chosen: _, ...rest } = this.state;
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(rest));
    } catch {
      // Not remembered, then.
    }
  }

  private change(part: Partial<PanelState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}
