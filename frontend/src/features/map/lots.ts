/** Doing one thing to the selected photos: in portions that the server takes, and how it went. */
import type { LotAct, LotResult } from "@/api/types";
import { NONE, NOT_A_STAGE } from "./columns";

/** Photos of one request, and of one act: more must be chosen more narrowly. */
export const PORTION = 100;
export const MOST = 2000;

export interface Lot {
  key: string;
  act: LotAct;
  stage: number | null;
  photoIds: number[];
}

export interface LotsDone {
  done: number[];
  refused: Map<string, number>;
  /** Keys of answers that can be taken back, with their photos. */
  decisions: { key: string; photoId: number }[];
}

/** Lots of at most `PORTION` photos that do `act`. */
export function portions(
  act: LotAct,
  stage: number | null,
  photoIds: readonly number[],
  newKey: () => string,
): Lot[] {
  const lots: Lot[] = [];
  for (let start = 0; start < photoIds.length; start += PORTION) {
    lots.push({ key: newKey(), act, stage, photoIds: photoIds.slice(start, start + PORTION) });
  }
  return lots;
}

/** Photos by the stage they are held to show, or that is suggested where they are open; the rest has none to confirm. */
export function byOwnStage(
  rows: Uint32Array,
  ids: Uint32Array,
  stage: Uint8Array | undefined,
  suggested: Uint8Array | undefined,
): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const settled = stage?.[row] ?? NONE;
    const code = settled === NONE ? (suggested?.[row] ?? NONE) : settled;
    const id = ids[row];
    if (code >= NOT_A_STAGE || !id) continue;
    const group = groups.get(code) ?? [];
    group.push(id);
    groups.set(code, group);
  }
  return new Map([...groups].sort(([a], [b]) => a - b));
}

export function summed(results: readonly LotResult[]): LotsDone {
  const refused = new Map<string, number>();
  const done: number[] = [];
  const decisions: LotsDone["decisions"] = [];
  for (const { photo_id: photoId, code, decision } of results) {
    if (code) refused.set(code, (refused.get(code) ?? 0) + 1);
    else done.push(photoId);
    if (decision) decisions.push({ key: decision, photoId });
  }
  return { done, refused, decisions };
}
