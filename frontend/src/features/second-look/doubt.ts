/** What speaks against a label, and what looking again has brought; no React. */
import type { SecondLookReason, SecondLookRound, SecondLookRow } from "@/api/types";

/** What the photo is compared with, by the reason that counts most; a doubt of the model stands alone. */
export function comparisonOf(row: Pick<SecondLookRow, "reason" | "duplicates" | "visits">) {
  if (row.reason === "duplicates") {
    const [twin] = row.duplicates;
    if (twin) return { kind: "twin", twin } as const;
  }
  if (row.visits.length > 0) return { kind: "visits", visits: row.visits } as const;
  return { kind: "none" } as const;
}

/** The other sources that speak against the label. */
export function alsoAgainst(row: Pick<SecondLookRow, "reason" | "against">): SecondLookReason[] {
  return row.against.filter((reason) => reason !== row.reason);
}

/** The photos of a plant with this one among them, oldest first; those without a date last. */
export function inTime<Visit extends { taken_at: string | null }>(visits: readonly Visit[]): Visit[] {
  const at = (visit: Visit) =>
    visit.taken_at === null ? Number.POSITIVE_INFINITY : Date.parse(visit.taken_at);
  return [...visits].sort((a, b) => (at(a) < at(b) ? -1 : 1));
}

export interface Effect {
  /** Photos of which it is known by now whether the label was right. */
  judged: number;
  wrong: number;
  waiting: number;
}

export function effectOf(round: SecondLookRound): Effect {
  return {
    judged: round.confirmed + round.unchanged + round.changed,
    wrong: round.changed,
    waiting: round.waiting,
  };
}

/** Which case comes after one that leaves the list: the next, else the one before. */
export function following(ids: readonly number[], id: number): number | null {
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

/** The case `step` places on; the ends stay where they are. */
export function stepped(ids: readonly number[], id: number | null, step: 1 | -1): number | null {
  if (ids.length === 0) return null;
  const at = id === null ? -1 : ids.indexOf(id);
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}
