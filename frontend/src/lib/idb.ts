import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Decision } from "@/api/types";

/** A decision on its way to the server. `seq` is given by the database and is the order in which it must be sent. */
export interface LoggedDecision {
  seq?: number;
  userId: number;
  project: string;
  decision: Decision;
}

/** A decision that the server did not take, kept until the expert has seen why. */
export interface AttentionItem {
  key: string;
  userId: number;
  project: string;
  decision: Decision;
  outcome: "conflict" | "rejected";
  code: string;
  message: string;
  at: string;
}

/** One step back of an expert; `item` is whatever the bench needs to show the photo again. */
export interface HistoryRow {
  key: string;
  scope: string;
  at: number;
  item: unknown;
  decision: Decision;
}

interface BenchSchema extends DBSchema {
  outbox: { key: number; value: LoggedDecision; indexes: { userId: number } };
  attention: { key: string; value: AttentionItem; indexes: { userId: number } };
  history: { key: string; value: HistoryRow; indexes: { scope: string } };
}

export type BenchDatabase = IDBPDatabase<BenchSchema>;

/** Opens (and on first use creates) the database of the bench. `name` differs only in tests. */
export function openBenchDatabase(name = "antesis-bench"): Promise<BenchDatabase> {
  return openDB<BenchSchema>(name, 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true }).createIndex("userId", "userId");
      db.createObjectStore("attention", { keyPath: "key" }).createIndex("userId", "userId");
      db.createObjectStore("history", { keyPath: "key" }).createIndex("scope", "scope");
    },
    // An older tab must not hold up a newer one that wants to upgrade.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
    },
  });
}
