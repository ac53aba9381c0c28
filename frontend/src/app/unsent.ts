/** How many decisions of this person wait in this browser. The database code is loaded only when asked. */
export async function unsentDecisions(userId: number): Promise<number> {
  const [{ openBenchDatabase }, { DecisionLog }] = await Promise.all([
    import("@/lib/idb"),
    import("@/lib/decisionLog"),
  ]);
  const database = openBenchDatabase();
  try {
    return await new DecisionLog(database, userId).count();
  } finally {
    void database.then((db) => db.close()).catch(() => undefined);
  }
}
