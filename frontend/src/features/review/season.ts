/** Reading what date, place and plant say. */

/** Fewer settled photos near the day are no evidence of anything. */
export const FEW_PHOTOS = 3;
const MOST = 0.5;

/** The likeliest stage; the likeliest two, in stage order, where none has half. */
export function likeliest(probabilities: readonly number[]): [number, number | null] {
  const order = probabilities.map((_, position) => position);
  order.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const [first = 0, second = null] = order;
  if (second === null || (probabilities[first] ?? 0) >= MOST) return [first, null];
  return [Math.min(first, second), Math.max(first, second)];
}

/** Whether the plant's other photos leave no room for the suggested stage. */
export function isRuledOut(
  suggested: number | null | undefined,
  { lower, upper }: { lower: number; upper: number },
): boolean {
  return suggested !== null && suggested !== undefined && (suggested < lower || suggested > upper);
}
