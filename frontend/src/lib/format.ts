/** Numbers, dates and durations in the person's language. Intl objects are costly to make, so each is kept. */
const DASH = "–";
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function keep<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: () => T,
): T {
  const found = cache.get(key);
  if (found) return found as T;
  const made = make();
  cache.set(key, made);
  return made;
}

export function formatNumber(value: number | null | undefined, language: string, digits = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return DASH;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return keep(`n${language}${digits}`, () => new Intl.NumberFormat(language, options)).format(value);
}

/** `share` from 0 to 1. */
export function formatPercent(share: number | null | undefined, language: string, digits = 0): string {
  if (share === null || share === undefined || Number.isNaN(share)) return DASH;
  const options: Intl.NumberFormatOptions = {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  return keep(`p${language}${digits}`, () => new Intl.NumberFormat(language, options)).format(share);
}

export function formatDate(iso: string | null | undefined, language: string): string {
  if (!iso) return DASH;
  return keep(`d${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: "medium" })).format(
    new Date(iso),
  );
}

export function formatDateTime(iso: string | null | undefined, language: string): string {
  if (!iso) return DASH;
  const options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
  return keep(`t${language}`, () => new Intl.DateTimeFormat(language, options)).format(new Date(iso));
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** "3 minutes ago"; older than a month it becomes a date. */
export function formatAgo(iso: string | null | undefined, language: string, now = Date.now()): string {
  if (!iso) return DASH;
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return formatDate(iso, language);
  const relative = keep(`r${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size || unit === "second")
      return relative.format(Math.round(seconds / size), unit);
  }
  return DASH;
}

/** "1 h 04 min", "3 min 20 s", "12 s". */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH;
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  if (minutes > 0) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${whole} s`;
}

/** Bytes as "3.4 MB". */
export function formatBytes(bytes: number, language: string): string {
  const megabytes = bytes / 1_000_000;
  return megabytes >= 1
    ? `${formatNumber(megabytes, language, 1)} MB`
    : `${formatNumber(bytes / 1000, language)} kB`;
}
