/** What of a photo's history is shown, and in which order. Pure. */
import type { HistoryEvent, PhotoHistory } from "@/api/types";

export interface Timeline {
  /** Newest first. */
  events: HistoryEvent[];
  /** Others have spoken, but the reader has not decided yet. */
  hidesOthers: boolean;
}

/**
 * Before the reader has decided, what others said is left out, even for an adjudicator who may read it: it would decide for
 * them. What an adjudicator wrote when sending the photo back is for the reader, and stays.
 */
export function timelineOf({ events }: PhotoHistory, isDecided: boolean): Timeline {
  const isForReader = ({ is_mine, kind, said }: HistoryEvent) =>
    is_mine || (kind === "adjudication" && (said?.stage_position ?? null) === null);
  const shown = isDecided ? [...events] : events.filter(isForReader);
  // Stable: events of one moment stay in the order in which they happened, turned round as a whole.
  shown.reverse();
  shown.sort((a, b) => b.at.localeCompare(a.at));
  return { events: shown, hidesOthers: shown.length < events.length };
}
