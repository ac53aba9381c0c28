import type { Decision } from "@/api/types";
import type { AttentionItem, BenchDatabase, LoggedDecision } from "./idb";

/**
 * The write-ahead log of one user's decisions.
 *
 * Rows live in IndexedDB and are read back from there, so that any tab can send what another tab wrote. The database numbers
 * the rows in the order in which the writes were asked for, and writes are asked for in the key handler: that is the one
 * order there is.
 *
 * Where the database refuses (private window, full disk) rows are kept in this tab's memory behind the stored ones, and
 * `isDurable` turns false so that the page can say so.
 */
export class DecisionLog {
  isDurable = true;
  private volatile: LoggedDecision[] = [];
  private volatileAttention: AttentionItem[] = [];
  private writes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: Promise<BenchDatabase>,
    readonly userId: number,
  ) {
    db.catch(() => {
      this.isDurable = false;
    });
  }

  /** Writes `decision` behind all earlier ones; resolves when it is stored (or kept in memory). Never rejects. */
  append(project: string, decision: Decision): Promise<void> {
    const row: LoggedDecision = { userId: this.userId, project, decision };
    // Chained, not parallel: if a write fails, the later ones must not overtake it on the way to memory.
    const write = this.writes.then(async () => {
      if (this.volatile.length > 0) {
        this.volatile.push(row);
        return;
      }
      try {
        await (await this.db).add("outbox", row);
      } catch {
        this.isDurable = false;
        this.volatile.push(row);
      }
    });
    this.writes = write;
    return write;
  }

  /** Everything unsent, oldest first, after the writes under way. */
  async all(): Promise<LoggedDecision[]> {
    await this.writes;
    const stored = await this.read((db) => db.getAllFromIndex("outbox", "userId", this.userId));
    stored.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    return [...stored, ...this.volatile];
  }

  /** Number of unsent rows of all tabs. */
  async count(): Promise<number> {
    await this.writes;
    try {
      return (await (await this.db).countFromIndex("outbox", "userId", this.userId)) + this.volatile.length;
    } catch {
      return this.volatile.length;
    }
  }

  /** Takes answered rows out; those the server did not take move to the attention list in the same transaction. */
  async settle(rows: LoggedDecision[], attention: AttentionItem[]): Promise<void> {
    const gone = new Set(rows.map((row) => row.decision.key));
    this.volatile = this.volatile.filter((row) => !gone.has(row.decision.key));
    try {
      const tx = (await this.db).transaction(["outbox", "attention"], "readwrite");
      for (const row of rows) if (row.seq !== undefined) tx.objectStore("outbox").delete(row.seq);
      for (const item of attention) tx.objectStore("attention").put(item);
      await tx.done;
    } catch {
      this.volatileAttention.push(...attention);
    }
  }

  /** Decisions that the server did not take, oldest first. */
  async attention(): Promise<AttentionItem[]> {
    const stored = await this.read((db) => db.getAllFromIndex("attention", "userId", this.userId));
    return [...stored, ...this.volatileAttention].sort((a, b) => a.at.localeCompare(b.at));
  }

  /** Forgets an item of the attention list: the expert has seen it. */
  async dismiss(key: string): Promise<void> {
    this.volatileAttention = this.volatileAttention.filter((item) => item.key !== key);
    await this.read(async (db) => {
      await db.delete("attention", key);
      return [];
    });
  }

  private async read<T>(query: (db: BenchDatabase) => Promise<T[]>): Promise<T[]> {
    try {
      return await query(await this.db);
    } catch {
      return [];
    }
  }
}
