/** Reasons in the order of their keys 1..5; the names are those of the API. */
export const CANNOT_TELL_REASONS = ["blurred", "too_dark", "too_far", "occluded", "other"] as const;
export const UNUSABLE_REASONS = [
  "wrong_plant",
  "several_stages",
  "no_plant",
  "not_a_photo",
  "other",
] as const;

export type CannotTellReason = (typeof CANNOT_TELL_REASONS)[number];
export type UnusableReason = (typeof UNUSABLE_REASONS)[number];
