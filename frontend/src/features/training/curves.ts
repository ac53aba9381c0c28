/** From the epochs that a run has reported to what its page draws. */
import type { CurvePoint } from "@/api/types";

export interface MemberCurves {
  member: string;
  folds: number[];
  /** Mean over the folds that have reported the epoch: [epoch, value] in order. */
  loss: [number, number][];
  valLoss: [number, number][];
  accuracy: [number, number][];
  valAccuracy: [number, number][];
}

export interface FoldState {
  fold: number;
  epoch: number;
  epochs: number;
  isDone: boolean;
}

type Measure = "loss" | "accuracy" | "val_loss" | "val_accuracy";

function meanByEpoch(points: readonly CurvePoint[], measure: Measure): [number, number][] {
  const sums = new Map<number, { sum: number; n: number }>();
  for (const point of points) {
    const value = point[measure];
    if (!Number.isFinite(value)) continue;
    const entry = sums.get(point.epoch) ?? { sum: 0, n: 0 };
    sums.set(point.epoch, { sum: entry.sum + value, n: entry.n + 1 });
  }
  return [...sums].sort(([a], [b]) => a - b).map(([epoch, { sum, n }]): [number, number] => [epoch, sum / n]);
}

/** The members in the order in which they first reported. */
export function memberNames(curves: readonly CurvePoint[]): string[] {
  return [...new Set(curves.map((point) => point.member))];
}

export function memberCurves(curves: readonly CurvePoint[], member: string): MemberCurves {
  const points = curves.filter((point) => point.member === member);
  return {
    member,
    folds: [...new Set(points.map((point) => point.fold))].sort((a, b) => a - b),
    loss: meanByEpoch(points, "loss"),
    valLoss: meanByEpoch(points, "val_loss"),
    accuracy: meanByEpoch(points, "accuracy"),
    valAccuracy: meanByEpoch(points, "val_accuracy"),
  };
}

/**
 * How far each fold of a member is. A fold also counts as done when a later one has begun: early stopping ends a fold
 * before its last epoch.
 */
export function foldStates(curves: readonly CurvePoint[], member: string): FoldState[] {
  const latest = new Map<number, CurvePoint>();
  for (const point of curves) {
    if (point.member !== member) continue;
    const known = latest.get(point.fold);
    if (!known || point.epoch > known.epoch) latest.set(point.fold, point);
  }
  const folds = [...latest.values()].sort((a, b) => a.fold - b.fold);
  const newest = folds.at(-1)?.fold ?? -1;
  return folds.map(({ fold, epoch, epochs }) => ({
    fold,
    epoch,
    epochs,
    isDone: epoch >= epochs || fold < newest,
  }));
}
