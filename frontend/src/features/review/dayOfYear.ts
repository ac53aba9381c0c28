const DAY_MS = 86_400_000;

/** Day of the year, 1 to 366: what phenologists count in. */
export function dayOfYear(iso: string): number {
  const date = new Date(iso);
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day - Date.UTC(date.getFullYear(), 0, 0)) / DAY_MS);
}

/** "12 May": a season has no year. */
export function dayOfSeason(iso: string, language: string): string {
  return new Date(iso).toLocaleDateString(language, { day: "numeric", month: "long" });
}
