/** Geometry of the report's plots. */

/** The tenth at or below all values, within 0 to 0.9: where both axes of a diagram begin. */
export function lowestTick(values: readonly number[]): number {
  const lowest = Math.min(0.9, ...values);
  return Math.max(0, Math.floor(lowest * 10 + 1e-9) / 10);
}

/** Radius whose area grows with the photos of a bin. */
export function dotRadius(n: number, most: number): number {
  return 3 + 3 * Math.sqrt(n / Math.max(1, most));
}

/** Points of a curve of accuracy by coverage, coverage in per cent. */
export function curvePoints(
  curve: readonly { coverage: number; accuracy: number }[],
): (readonly [number, number])[] {
  return curve.map(({ coverage, accuracy }) => [100 * coverage, accuracy] as const);
}

/** Domain of accuracy for the curve and the level it is compared with, with some air below. */
export function accuracyDomain(
  curve: readonly { accuracy: number }[],
  level: number | null,
): readonly [number, number] {
  const values = curve.map((point) => point.accuracy);
  return [lowestTick(level === null ? values : [...values, level]), 1];
}
