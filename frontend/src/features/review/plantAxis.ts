/** The dates under the photos of one plant. Pure. */
import type { PlantPhoto } from "@/api/types";

export interface Tick {
  /** Where it begins, and on the current photo, which is in view when the strip is first seen. */
  year: string;
  /** "18 abr"; empty when nobody knows when the photo was taken. */
  day: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dayFormat(language: string): Intl.DateTimeFormat {
  const format =
    formats.get(language) ?? new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  formats.set(language, format);
  return format;
}

/** One tick per photo, in the same order. */
export function axisOf(
  photos: readonly Pick<PlantPhoto, "taken_at" | "is_current">[],
  language: string,
): Tick[] {
  let last = "";
  return photos.map(({ taken_at, is_current }) => {
    if (!taken_at) return { year: "", day: "" };
    const date = new Date(taken_at);
    const year = String(date.getFullYear());
    const isSaid = year !== last || is_current;
    last = year;
    return { year: isSaid ? year : "", day: dayFormat(language).format(date) };
  });
}
