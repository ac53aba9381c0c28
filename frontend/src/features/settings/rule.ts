/** What the form of the training rule holds, and what it means for the API. Pure. */
import type { TrainingRule } from "@/api/types";

/** The drop is in points of a hundred; a field that may be empty holds "" then. */
export interface RuleValues {
  is_on: boolean;
  labels_new: number | "";
  days_most: number | "";
  accuracy_drop: number | "";
  gap_minutes: number | "";
}

export const RULE_NUMBERS = ["labels_new", "days_most", "accuracy_drop", "gap_minutes"] as const;
export type RuleNumber = (typeof RULE_NUMBERS)[number];

/** Least and most of every number; what is outside the server would refuse. */
export const RULE_LIMITS: Record<RuleNumber, readonly [number, number]> = {
  labels_new: [10, 1_000_000],
  days_most: [1, 365],
  accuracy_drop: [1, 50],
  gap_minutes: [10, 44_640],
};

export function ruleValuesOf(rule: TrainingRule): RuleValues {
  return {
    is_on: rule.is_on,
    labels_new: rule.labels_new ?? "",
    days_most: rule.days_most ?? "",
    accuracy_drop: rule.accuracy_drop === null ? "" : Math.round(rule.accuracy_drop * 1000) / 10,
    gap_minutes: rule.gap_minutes,
  };
}

export function ruleOf(values: RuleValues): TrainingRule {
  const orNull = (value: number | "") => (value === "" ? null : value);
  return {
    is_on: values.is_on,
    labels_new: orNull(values.labels_new),
    days_most: orNull(values.days_most),
    accuracy_drop: values.accuracy_drop === "" ? null : Math.round(values.accuracy_drop * 10) / 1000,
    gap_minutes: values.gap_minutes === "" ? RULE_LIMITS.gap_minutes[0] : values.gap_minutes,
  };
}

/** The numbers that would be refused. Only the rest between trainings may not be empty. */
export function ruleFaultsOf(values: RuleValues): RuleNumber[] {
  return RULE_NUMBERS.filter((field) => {
    const value = values[field];
    const [low, high] = RULE_LIMITS[field];
    return value === "" ? field === "gap_minutes" : value < low || value > high;
  });
}
