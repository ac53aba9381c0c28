/** Which stages the reference photos show: k - 1, k and k + 1. Pure. */
import type { QueueItem } from "@/api/types";
import type { HistoryEntry } from "./state";

/** Stages side by side. */
export const SHOWN = 3;

/**
 * The stage k to begin with. The model's, when the photo shows what the model thinks; else the one used last, or the middle of
 * the scale: on a blind photo the references must give nothing away.
 */
export function centreOf(item: QueueItem, count: number, lastUsed: number | null): number {
  const suggested = item.is_blind ? undefined : item.suggestion?.position;
  const wanted = suggested ?? lastUsed ?? Math.floor((count - 1) / 2);
  return Math.min(count - 1, Math.max(0, wanted));
}

export function moved(centre: number, step: 1 | -1, count: number): number {
  return Math.min(count - 1, Math.max(0, centre + step));
}

/** The positions shown around k: always as many, so that nothing jumps; at the ends k is not in the middle. */
export function around(centre: number, count: number): number[] {
  const shown = Math.min(SHOWN, count);
  const first = Math.min(count - shown, Math.max(0, centre - 1));
  return Array.from({ length: shown }, (_, index) => first + index);
}

/** The stage that the expert named last; null when none of the acts at hand named one. */
export function lastNamed(history: readonly HistoryEntry[]): number | null {
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const { kind, stage } = history[index]?.decision ?? {};
    if (kind === "stage" && stage !== null && stage !== undefined) return stage;
  }
  return null;
}
