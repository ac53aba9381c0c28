/** Reading a forecast. */
import type { ForecastCurve } from "@/api/types";

export interface Needed {
  state: "reached" | "more" | "never";
  /** Labels still to come; null where no number of labels within sight is enough. */
  more: number | null;
  low: number;
  high: number | null;
}

/** Where a target stands among those told: the nearest one. */
export function targetAt(targets: readonly number[], target: number): number {
  let best = 0;
  for (const [index, told] of targets.entries())
    if (Math.abs(told - target) < Math.abs((targets[best] ?? 0) - target)) best = index;
  return best;
}

/** What the target at `index` still takes from `labelsNow` on. */
export function neededAt(curve: ForecastCurve, index: number, labelsNow: number): Needed {
  const still = (all: number | null | undefined) =>
    all === null || all === undefined ? null : roughly(Math.max(0, all - labelsNow));
  const more = still(curve.needed[index]);
  const low = still(curve.needed_low[index]);
  const high = still(curve.needed_high[index]);
  if (more === 0) return { state: "reached", more: 0, low: 0, high };
  // Where even the low end is out of sight there is no number to give.
  if (low === null) return { state: "never", more: null, low: 0, high: null };
  return { state: more === null ? "never" : "more", more, low, high };
}

/** Two digits are all that a forecast is worth. */
export function roughly(count: number): number {
  return count < 10 ? count : Number(count.toPrecision(2));
}
