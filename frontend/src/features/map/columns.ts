/** What photos are coloured and filtered by: one byte each, what the bytes mean, and which colours they get. */
import type { Stage } from "@/api/types";
import { luminance, stageColor } from "@/lib/palette";
import { colorOf } from "@/lib/stages";

export const COLUMNS = [
  "stage",
  "suggested",
  "disagreement",
  "error",
  "state",
  "site",
  "camera",
  "month",
  "use",
] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** Nothing is known. */
export const NONE = 255;
/** Settled, but not as a stage. */
export const NOT_A_STAGE = 254;
export const STATES = ["open", "settled", "adjudication", "excluded", "gold"] as const;
export const USES = ["training", "held_out"] as const;
/** Places in the palette: as many codes as have a colour of their own, then these. */
const OTHER = 252;
const GREY = 253;
/** Okabe and Ito: told apart with every kind of colour vision. */
const GROUPS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#7a5195"];
const STATE_COLOURS = ["#8a948c", "#0072b2", "#e69f00", "#d55e00", "#b8a800"];
const PALE = { light: "#b3bab0", dark: "#5a665e" };

export interface Column {
  name: ColumnName;
  codes: Uint8Array;
  labels: readonly string[];
}

export interface LegendRow {
  code: number;
  colour: string;
  count: number;
}

export function isColumn(value: unknown): value is ColumnName {
  return COLUMNS.includes(value as ColumnName);
}

/** Splits what the server sends: the length of a JSON text, the text, a byte for each photo. */
export function columnFrom(name: ColumnName, data: ArrayBuffer): Column {
  const length = new DataView(data).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as {
    labels: string[];
  };
  return { name, codes: new Uint8Array(data, 4 + length), labels: header.labels };
}

/** How many of the shown photos have each code, and its colour; unknown last. */
export function legendOf(
  column: Column,
  isShown: Uint8Array,
  stages: readonly Stage[],
  isDark: boolean,
): LegendRow[] {
  const counts = new Uint32Array(256);
  const { codes } = column;
  for (let row = 0; row < codes.length; row += 1) {
    if (isShown[row]) {
      const code = codes[row] ?? NONE;
      counts[code] = (counts[code] ?? 0) + 1;
    }
  }
  const all = new Uint32Array(256);
  for (const code of codes) all[code] = (all[code] ?? 0) + 1;
  const colours = coloursOf(column, all, stages, isDark);
  const rows: LegendRow[] = [];
  for (let code = 0; code < 256; code += 1) {
    if (all[code]) rows.push({ code, colour: colours.of(code), count: counts[code] ?? 0 });
  }
  return rows;
}

interface Colours {
  of: (code: number) => string;
  /** By place in the palette, and the place of each code. */
  palette: string[];
  places: Uint8Array;
}

/** Colours by code. Of sites and cameras the eight largest have one; the others share another. */
export function coloursOf(
  column: Column,
  counts: Uint32Array,
  stages: readonly Stage[],
  isDark: boolean,
): Colours {
  const palette: string[] = new Array(256).fill(PALE[isDark ? "dark" : "light"]);
  const places = new Uint8Array(256).fill(GREY);
  const own = ownColours(column, counts, stages);
  own.forEach((colour, code) => {
    palette[code] = isDark ? lightened(colour) : colour;
    places[code] = code;
  });
  if (column.name === "site" || column.name === "camera") {
    palette[OTHER] = isDark ? "#98a39b" : "#6f7870";
    for (let code = 0; code < NOT_A_STAGE; code += 1) if (!own.has(code)) places[code] = OTHER;
  }
  return { palette, places, of: (code) => palette[places[code] ?? GREY] ?? PALE.light };
}

function ownColours(column: Column, counts: Uint32Array, stages: readonly Stage[]): Map<number, string> {
  const { name, labels } = column;
  if (name === "stage" || name === "suggested") {
    return new Map(stages.map((stage) => [stage.position, colorOf(stage, stages.length)]));
  }
  if (name === "state") return new Map(STATE_COLOURS.map((colour, code) => [code, colour]));
  if (name === "use")
    return new Map([["#0072b2"], ["#e69f00"]].map(([colour], code) => [code, colour ?? ""]));
  if (name === "month") return new Map(labels.map((_, code) => [code, stageColor(code, labels.length)]));
  if (name === "site" || name === "camera") {
    const largest = labels
      .map((_, code) => code)
      .sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
    return new Map(largest.slice(0, GROUPS.length).map((code, at) => [code, GROUPS[at] ?? ""]));
  }
  // Differences of stages: the more the darker red, none at all pale.
  return new Map(
    ["#9db8cf", "#e8a13a", "#d55e00", "#8c2818"].flatMap((colour, at) =>
      at < 3 ? [[at, colour] as const] : Array.from({ length: 7 }, (_, more) => [3 + more, colour] as const),
    ),
  );
}

/** Dark colours of stages would sink into a dark page. */
function lightened(colour: string): string {
  const share = Math.max(0, 0.32 - luminance(colour) * 2.2);
  const value = Number.parseInt(colour.slice(1), 16);
  const parts = [(value >> 16) & 255, (value >> 8) & 255, value & 255].map((part) =>
    Math.round(part + (255 - part) * share),
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Counts of all codes. */
export function countsOf(codes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
