/**
 * Words of the growers' page: a file per language, of which one is fetched, and a lookup instead of an i18n library that
 * would outweigh the page.
 */
import type spanish from "@/i18n/es/grower.json";

type Texts = typeof spanish;
type Leaf<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaf<T[K]>}` }[keyof T & string];
export type TextKey = Leaf<Texts>;

export type Language = "es" | "en";

/** Spanish unless the browser clearly asks for English first. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (tag.toLowerCase().startsWith("es")) return "es";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "es";
}

let stored: string | null = null;
try {
  stored = localStorage.getItem("antesis.language");
} catch {
  // Storage may be switched off; the browser's language does.
}
export const language: Language = languageOf([...(stored ? [stored] : []), ...navigator.languages]);
const { default: texts }: { default: Texts } =
  language === "en" ? await import("@/i18n/en/grower.json") : await import("@/i18n/es/grower.json");

/** The text of `key` with `{name}` places filled in. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  let found: unknown = texts;
  for (const part of key.split(".")) found = (found as Record<string, unknown>)[part];
  return String(found).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The plural form of `key` for `n`. */
export function plural(key: "unsent" | "news", n: number): string {
  const form = new Intl.PluralRules(language).select(n) === "one" ? "one" : "other";
  return t(`${key}_${form}`, { n });
}

/** With the region, which decides the order of day and month. */
const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const shortDays = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
export const dayOf = (iso: string): string => days.format(new Date(iso));
export const shortDayOf = (time: number): string => shortDays.format(time);
export const shareOf = (share: number): string => shares.format(share);
