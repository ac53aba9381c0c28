/** What a log of unsent decisions means for each photo. */
import type { Decision } from "@/api/types";

/** What the unsent log leaves behind: photos that must not be shown again, and how far it moves the counters. */
export interface FoldedLog {
  /** Photos with an act that still stands; the queue must not offer them. */
  settled: Set<number>;
  /** Photos whose last act was taken back; they wait for a decision again, whatever the server still thinks. */
  reopened: Set<number>;
  /** Net number of decisions (not skips) on their way; negative when an undo of a sent one waits. */
  net: number;
}

/**
 * Folds the log, oldest first, per photo.
 *
 * Reading only the last row of a photo would be wrong: after "decide, undo, decide, undo" nothing stands, and after an undo
 * of an act that was sent earlier the photo is open although the log holds no decision of it.
 */
export function foldLog(log: Iterable<Decision>): FoldedLog {
  const standing = new Map<number, Set<string>>();
  const kinds = new Map<string, Decision["kind"]>();
  // An act that already left the log is taken for a decision, since most are.
  const weight = (key: string) => (kinds.get(key) === "skip" ? 0 : 1);
  let net = 0;
  for (const { kind, key, photo_id, undoes } of log) {
    const keys = standing.get(photo_id) ?? new Set<string>();
    standing.set(photo_id, keys);
    kinds.set(key, kind);
    if (kind === "undo") {
      keys.delete(undoes ?? "");
      net -= weight(undoes ?? "");
    } else {
      keys.add(key);
      net += weight(key);
    }
  }
  const settled = new Set<number>();
  const reopened = new Set<number>();
  for (const [photoId, keys] of standing) (keys.size > 0 ? settled : reopened).add(photoId);
  return { settled, reopened, net };
}
