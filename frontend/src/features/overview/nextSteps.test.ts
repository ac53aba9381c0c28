import { describe, expect, it } from "vitest";
import type { LearningStatus, ProjectCounts } from "@/api/types";
import { nextSteps } from "./nextSteps";

const counts: ProjectCounts = {
  photos: 40,
  ready: 38,
  received: 2,
  rejected: 0,
  held_out: 6,
  consensus: 12,
  adjudications_open: 3,
  queue_open: 20,
};

const learning: LearningStatus = {
  labels: 12,
  labels_by_stage: [6, 6],
  held_out_labelled: 2,
  labels_until_training: 0,
  can_train: true,
  blocked_code: "",
  blocked_message: "",
  pool: 26,
  embedded: 26,
  promoted: null,
  active_run: null,
  last_refresh: null,
  labels_since_training: 12,
  workers: [{ queue: "train", alive: true, names: ["train@a"] }],
};

const keys = (steps: { key: string }[]) => steps.map((step) => step.key);

describe("nextSteps", () => {
  it("asks an admin of an empty project for photos, and nobody else", () => {
    const empty = { ...counts, photos: 0, ready: 0, received: 0, adjudications_open: 0 };
    expect(keys(nextSteps("admin", empty, learning))).toEqual(["import"]);
    expect(nextSteps("expert", empty, learning)).toEqual([]);
  });

  it("shows an expert only what an expert can do", () => {
    expect(keys(nextSteps("expert", counts, learning))).toEqual(["review"]);
  });

  it("puts a dead worker first for admins", () => {
    const deaf = { ...learning, workers: [{ queue: "train" as const, alive: false, names: [] }] };
    expect(keys(nextSteps("admin", counts, deaf))[0]).toBe("workers");
    expect(keys(nextSteps("adjudicator", counts, deaf))).toEqual(["adjudicate", "review"]);
  });

  it("does not offer a training while one runs or nothing is new", () => {
    expect(keys(nextSteps("admin", counts, { ...learning, labels_since_training: 0 }))).not.toContain(
      "train",
    );
    expect(keys(nextSteps("admin", counts, learning))).toContain("train");
  });
});
