import { describe, expect, it } from "vitest";
import type { CurvePoint } from "@/api/types";
import { foldStates, memberCurves, memberNames } from "./curves";

function point(member: string, fold: number, epoch: number, loss: number): CurvePoint {
  return {
    member,
    fold,
    epoch,
    epochs: 3,
    loss,
    accuracy: 0.5,
    val_loss: Number.NaN,
    val_accuracy: 0.4,
  };
}

const curves = [
  point("cnn", 0, 2, 0.6),
  point("cnn", 0, 1, 1),
  point("cnn", 1, 1, 2),
  point("backbone", 0, 1, 0.9),
];

describe("memberCurves", () => {
  it("averages the folds per epoch, in order, and leaves out what is not a number", () => {
    const drawn = memberCurves(curves, "cnn");
    expect(drawn.loss).toEqual([
      [1, 1.5],
      [2, 0.6],
    ]);
    expect(drawn.valLoss).toEqual([]);
    expect(drawn.folds).toEqual([0, 1]);
  });

  it("names members in order of appearance", () => {
    expect(memberNames(curves)).toEqual(["cnn", "backbone"]);
  });
});

describe("foldStates", () => {
  it("takes the furthest epoch and closes folds that a later one has passed", () => {
    expect(foldStates(curves, "cnn")).toEqual([
      { fold: 0, epoch: 2, epochs: 3, isDone: true },
      { fold: 1, epoch: 1, epochs: 3, isDone: false },
    ]);
  });
});
