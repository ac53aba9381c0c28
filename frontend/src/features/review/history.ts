import type { QueueItem } from "@/api/types";
import { afterPaint } from "@/lib/afterPaint";
import { type BenchDatabase, openBenchDatabase } from "@/lib/idb";
import type { HistoryEntry, ReviewPorts } from "./state";

const KEPT = 200;

/**
 * What was dealt with, kept in the browser so that undo and looking back survive a reload.
 *
 * Losing it costs only that: every write is best effort and none is waited for.
 */
export function browserHistory(userId: number, project: string): ReviewPorts["history"] {
  const scope = `${userId}/${project}`;
  let opened: Promise<BenchDatabase> | null = null;
  const database = () => {
    opened ??= openBenchDatabase();
    return opened;
  };
  // Not in the turn of the key press: the outbox has written there already, and this may be lost.
  const quietly = (work: (db: BenchDatabase) => Promise<unknown>) =>
    afterPaint(() => {
      database()
        .then(work)
        .catch(() => undefined);
    });
  return {
    async load() {
      try {
        const rows = await (await database()).getAllFromIndex("history", "scope", scope);
        rows.sort((a, b) => a.at - b.at);
        for (const row of rows.slice(0, -KEPT)) quietly((db) => db.delete("history", row.key));
        return rows.slice(-KEPT).map(({ item, decision }) => ({ item: item as QueueItem, decision }));
      } catch {
        return [];
      }
    },
    add({ item, decision }: HistoryEntry) {
      const at = Date.parse(decision.decided_at);
      quietly((db) => db.put("history", { key: decision.key, scope, at, item, decision }));
    },
    remove({ decision }: HistoryEntry) {
      quietly((db) => db.delete("history", decision.key));
    },
  };
}
