const FIRST_MS = 1_000;
const LAST_MS = 30_000;

/**
 * Milliseconds to wait before retry number `attempt` (from 1): doubles from 1 s to 30 s.
 *
 * Half of it is random, so that a room of browsers does not return all at once when the server does.
 */
export function backoffDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LAST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.max(FIRST_MS, ceiling / 2 + (random() * ceiling) / 2);
}
