/** Seasons, weeks and shades of the tables of coverage. Days are "2026-04-06", in UTC throughout. */
import type { Covered } from "@/api/types";

/** Fewer settled labels at a site with so many photos are marked: the numbers of the rule of the next steps. */
export const FEW_LABELS = 10;
export const SITE_COUNTS = 50;
/** From this share of the highest number a cell is dark and its ink white; shades between read badly with either. */
const DARK_FROM = 0.5;
const DAY_MS = 86_400_000;

export type Part = "months" | "weeks";
export type CoveredTime = Covered & { day: string | null };

const iso = (date: Date) => date.toISOString().slice(0, 10);

/** The year in which the season of a day began. */
export function seasonOf(day: string, start: number): number {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return month >= start ? year : year - 1;
}

/** The seasons with photos, the latest first. */
export function seasonsOf(rows: readonly CoveredTime[], start: number): number[] {
  const years = new Set(rows.flatMap((row) => (row.day ? [seasonOf(row.day, start)] : [])));
  return [...years].sort((one, other) => other - one);
}

/** "2026", or "2026/27" where the season goes through the turn of the year. */
export function seasonName(year: number, start: number): string {
  return start === 1 ? String(year) : `${year}/${String((year + 1) % 100).padStart(2, "0")}`;
}

export function nextDay(day: string, part: Part): string {
  const date = new Date(`${day}T00:00:00Z`);
  return part === "weeks"
    ? iso(new Date(date.getTime() + 7 * DAY_MS))
    : iso(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)));
}

/** The last day of a week or month. */
export function lastDay(day: string, part: Part): string {
  return iso(new Date(new Date(`${nextDay(day, part)}T00:00:00Z`).getTime() - DAY_MS));
}

/** All days from the first to the last, a week or a month apart. */
export function stretch(days: readonly string[], part: Part): string[] {
  const sorted = [...days].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  const all: string[] = [];
  for (let day = first; day !== undefined && last !== undefined && day <= last; day = nextDay(day, part)) {
    all.push(day);
  }
  return all;
}

/** The rows of one season in order, with empty ones where nobody took photos, and that of photos without a date. */
export function seasonRows(
  rows: readonly CoveredTime[],
  part: Part,
  season: number,
  start: number,
): CoveredTime[] {
  const known = new Map(
    rows.flatMap((row) => (row.day && seasonOf(row.day, start) === season ? [[row.day, row] as const] : [])),
  );
  const zeros = rows[0]?.labels.map(() => 0) ?? [];
  const empty = { labels: zeros, waiting: zeros, unknown: 0, other: 0, photos: 0 };
  const undated = rows.filter((row) => row.day === null);
  return [...stretch([...known.keys()], part).map((day) => known.get(day) ?? { day, ...empty }), ...undated];
}

/** A site has a gap where a stage has few labels, if it has photos enough to be asked for every stage. */
export function isGapAtSite(covered: Covered, stage: number): boolean {
  return covered.photos >= SITE_COUNTS && (covered.labels[stage] ?? 0) < FEW_LABELS;
}

/** A week has one where photos of a stage wait and none is labelled: most stages do not occur in most weeks. */
export function isGapInTime(covered: Covered, stage: number): boolean {
  return (covered.labels[stage] ?? 0) === 0 && (covered.waiting[stage] ?? 0) > 0;
}

/** How a cell is filled: nothing for zero, paler below half of the highest number, dark above. */
export function shadeOf(value: number, highest: number): { alpha: number; isDark: boolean } {
  if (value <= 0 || highest <= 0) return { alpha: 0, isDark: false };
  // By the root: a table in which one cell has most would else be blank.
  const share = Math.sqrt(value / highest);
  return share < DARK_FROM
    ? { alpha: 0.07 + share * 0.5, isDark: false }
    : { alpha: 0.88 + (share - DARK_FROM) * 0.24, isDark: true };
}

/** Per hour of work; null where too little time is known to say. */
export function perHour(count: number, seconds: number): number | null {
  return seconds < 300 ? null : (count * 3600) / seconds;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** "6 Apr", or "April 2026". */
export function dayName(day: string, part: Part, language: string): string {
  const key = `${part}${language}`;
  const options: Intl.DateTimeFormatOptions =
    part === "weeks" ? { day: "numeric", month: "short" } : { month: "long", year: "numeric" };
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  formats.set(key, format);
  return format.format(new Date(`${day}T00:00:00Z`));
}
