/** Which photos the map shows: kept in the address, one value for a column. */
import type { Stage } from "@/api/types";
import { COLUMNS, type Column, type ColumnName, NONE, NOT_A_STAGE, STATES, USES } from "./columns";
import { HIDDEN } from "./spatial";

export type MapFilters = Partial<Record<ColumnName, string>>;

export interface MapSearch extends MapFilters {
  color?: ColumnName;
  view?: string;
}

/** What the address says of a code: its label where codes may change their meaning, else a word or its number. */
export function wordOf(column: Pick<Column, "name" | "labels">, code: number): string {
  if (code === NONE) return "none";
  if (code === NOT_A_STAGE) return "other";
  if (column.name === "state") return STATES[code] ?? "none";
  if (column.name === "use") return USES[code] ?? "none";
  return column.labels[code] ?? String(code);
}

/** The code that a word means; -1 for one that no photo has. */
export function codeOf(column: Pick<Column, "name" | "labels">, word: string): number {
  if (word === "none") return NONE;
  if (word === "other") return NOT_A_STAGE;
  const words: readonly string[] =
    column.name === "state" ? STATES : column.name === "use" ? USES : column.labels;
  if (words.length > 0) return words.indexOf(word);
  const code = Number(word);
  return Number.isInteger(code) && code >= 0 && code < NOT_A_STAGE ? code : -1;
}

export function filtersOf(search: MapSearch): MapFilters {
  return Object.fromEntries(COLUMNS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
}

/**
 * One for each photo that passes every filter and may be seen. A column that has not come yet hides nothing.
 *
 * "error" and "disagreement" take a number as "at least": what is wrong by two is also wrong.
 */
export function shownBy(
  filters: MapFilters,
  columns: ReadonlyMap<ColumnName, Column>,
  xs: Uint16Array,
): Uint8Array {
  const shown = new Uint8Array(xs.length).fill(1);
  for (let row = 0; row < xs.length; row += 1) if (xs[row] === HIDDEN) shown[row] = 0;
  for (const [name, word] of Object.entries(filters) as [ColumnName, string][]) {
    const column = columns.get(name);
    if (column) narrow(shown, column, codeOf(column, word));
  }
  return shown;
}

function narrow(shown: Uint8Array, { name, codes }: Column, code: number): void {
  const isLeast = (name === "error" || name === "disagreement") && code > 0 && code < NOT_A_STAGE;
  const passes = isLeast ? (own: number) => own >= code && own < NOT_A_STAGE : (own: number) => own === code;
  for (let row = 0; row < shown.length; row += 1) if (!passes(codes[row] ?? NONE)) shown[row] = 0;
}

export interface TableRow {
  /** Position of a stage, `NONE` or `NOT_A_STAGE`. */
  code: number;
  settled: number;
  suggested: number;
}

/** What is selected: by what photos are settled as and, of those that are open, by what the model suggests. */
export function tableOf(
  rows: Uint32Array,
  stage: Uint8Array | undefined,
  suggested: Uint8Array | undefined,
  stages: readonly Stage[],
): TableRow[] {
  const settled = new Uint32Array(256);
  const open = new Uint32Array(256);
  for (const row of rows) {
    const code = stage?.[row] ?? NONE;
    if (code !== NONE) settled[code] = (settled[code] ?? 0) + 1;
    else {
      const likely = suggested?.[row] ?? NONE;
      open[likely] = (open[likely] ?? 0) + 1;
    }
  }
  const codes = [...stages.map((it) => it.position), NOT_A_STAGE, NONE];
  return codes
    .map((code) => ({ code, settled: settled[code] ?? 0, suggested: open[code] ?? 0 }))
    .filter((row) => row.settled > 0 || row.suggested > 0);
}
