import type { Decision } from "@/api/types";
import { type BenchDatabase, openBenchDatabase } from "@/lib/idb";
import type { Lot } from "./lot";
import type { GridPorts } from "./store";

const KEPT = 50;

/**
 * The lots of this browser, so that undo survives a reload. Rows of the bench's history under a scope of their own.
 *
 * Losing them costs only that: every write is best effort and none is waited for.
 */
export function browserLots(userId: number, project: string): GridPorts["lots"] {
  const scope = `${userId}/${project}#grid`;
  let opened: Promise<BenchDatabase> | null = null;
  const database = () => {
    opened ??= openBenchDatabase();
    return opened;
  };
  const quietly = (work: (db: BenchDatabase) => Promise<unknown>) => {
    database()
      .then(work)
      .catch(() => undefined);
  };
  return {
    async load() {
      try {
        const rows = await (await database()).getAllFromIndex("history", "scope", scope);
        rows.sort((a, b) => a.at - b.at);
        for (const row of rows.slice(0, -KEPT)) quietly((db) => db.delete("history", row.key));
        return rows.slice(-KEPT).map((row) => row.item as Lot);
      } catch {
        return [];
      }
    },
    add(lot) {
      const first = lot.decisions[0] as Decision;
      const at = Date.parse(first.decided_at);
      quietly((db) => db.put("history", { key: lot.id, scope, at, item: lot, decision: first }));
    },
    remove(lot) {
      quietly((db) => db.delete("history", lot.id));
    },
  };
}
