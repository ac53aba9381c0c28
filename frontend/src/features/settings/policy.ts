/** What the settings form holds, and what it means for the API. Pure. */
import type { Project, ProjectPatch } from "@/api/types";

/** Shares are percents, since that is what people read and type; a field that may be empty holds "" then. */
export interface Values {
  name: string;
  description: string;
  labels_wanted: number | "";
  labels_max: number | "";
  certainty_wanted: number | "";
  model_vote_cap: number | "";
  critical_boundaries: number[];
  batch_size: number | "";
  refresh_every: number | "";
  random_share: number | "";
  blind_share: number | "";
  gold_share: number | "";
}

const percent = (share: number) => Math.round(share * 1000) / 10;

export function valuesOf(project: Project): Values {
  return {
    name: project.name,
    description: project.description,
    labels_wanted: project.labels_wanted,
    labels_max: project.labels_max ?? "",
    certainty_wanted: project.certainty_wanted === null ? "" : percent(project.certainty_wanted),
    model_vote_cap: percent(project.model_vote_cap),
    critical_boundaries: [...project.critical_boundaries],
    batch_size: project.batch_size,
    refresh_every: project.refresh_every,
    random_share: percent(project.random_share),
    blind_share: percent(project.blind_share),
    gold_share: percent(project.gold_share),
  };
}

export function patchOf(values: Values): ProjectPatch {
  const share = (value: number | "") => (value === "" ? undefined : Math.round(value * 10) / 1000);
  const whole = (value: number | "") => (value === "" ? undefined : value);
  return {
    name: values.name.trim(),
    description: values.description,
    labels_wanted: whole(values.labels_wanted),
    labels_max: values.labels_max === "" ? null : values.labels_max,
    certainty_wanted: values.certainty_wanted === "" ? null : share(values.certainty_wanted),
    model_vote_cap: share(values.model_vote_cap),
    critical_boundaries: [...values.critical_boundaries].sort((a, b) => a - b),
    batch_size: whole(values.batch_size),
    refresh_every: whole(values.refresh_every),
    random_share: share(values.random_share),
    blind_share: share(values.blind_share),
    gold_share: share(values.gold_share),
  };
}

export type Field = keyof Values;
/** Least and most of every number, as the form shows them; what is outside the server would refuse. */
export const LIMITS = {
  labels_wanted: [1, 9],
  labels_max: [1, 15],
  certainty_wanted: [50, 99.9],
  model_vote_cap: [0, 100],
  batch_size: [1, 10_000],
  refresh_every: [1, 100_000],
  random_share: [0, 100],
  blind_share: [0, 100],
  gold_share: [0, 50],
} as const satisfies Partial<Record<Field, readonly [number, number]>>;
export type NumberField = keyof typeof LIMITS;
const OPTIONAL: readonly Field[] = ["labels_max", "certainty_wanted"];

export type Fault =
  | { field: "name"; kind: "missing" }
  | { field: NumberField; kind: "missing" }
  | { field: NumberField; kind: "range"; low: number; high: number }
  | { field: "labels_max"; kind: "below_wanted" };

/** What would be refused, found before it is sent. */
export function faultsOf(values: Values): Fault[] {
  const faults: Fault[] = values.name.trim() ? [] : [{ field: "name", kind: "missing" }];
  for (const [name, [low, high]] of Object.entries(LIMITS)) {
    const field = name as NumberField;
    const value = values[field];
    if (value === "") {
      if (!OPTIONAL.includes(field)) faults.push({ field, kind: "missing" });
    } else if (value < low || value > high) faults.push({ field, kind: "range", low, high });
  }
  const { labels_max: most, labels_wanted: wanted } = values;
  if (most !== "" && wanted !== "" && most < wanted)
    faults.push({ field: "labels_max", kind: "below_wanted" });
  return faults;
}

/** The policy in words: which sentences apply, and their numbers. */
export interface PolicyWords {
  wanted: number;
  /** Null: every photo gets the same number. */
  certainty: number | null;
  most: number;
  criticalGap: 2;
  hasCritical: boolean;
}

/** An empty `labels_max` is one more than wanted, as on the server. */
export function wordsOf(values: Values): PolicyWords | null {
  const wanted = values.labels_wanted;
  if (wanted === "") return null;
  const most = values.labels_max === "" ? wanted + 1 : values.labels_max;
  return {
    wanted,
    certainty: values.certainty_wanted === "" ? null : values.certainty_wanted,
    most,
    criticalGap: 2,
    hasCritical: values.critical_boundaries.length > 0,
  };
}
