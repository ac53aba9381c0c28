import { useCallback, useMemo, useState } from "react";
import type { Project } from "@/api/types";
import { type Column, type ColumnName, coloursOf, countsOf } from "./columns";
import { filtersOf, type MapFilters, type MapSearch, shownBy } from "./filters";
import { UNSEEN } from "./renderer";
import { type Points, useColumns, usePhotoIds, usePoints } from "./useMapData";
import type { Looks } from "./view";

const RIM = { light: "#1b231f", dark: "#0d1210" };
const NOTHING = new Uint32Array(0);

interface SceneOf {
  slug: string;
  project: Project;
  mapId: number;
  nPoints: number;
  columnNames: readonly string[];
  search: MapSearch;
  isDark: boolean;
}

/** All that the page shows of one map: points, colours, what is filtered, what is selected. */
export function useScene({ slug, project, mapId, nPoints, columnNames, search, isDark }: SceneOf) {
  const { points, error } = usePoints(slug, mapId, nPoints);
  const ids = usePhotoIds(slug, mapId, points?.isWhole ?? false);
  const allowed = useCallback((name: ColumnName) => columnNames.includes(name), [columnNames]);
  const color = search.color && allowed(search.color) ? search.color : "stage";
  const wanted = JSON.stringify(filtersOf(search));
  // By what it says: the address changes with every movement of the map.
  const filters = useMemo(() => JSON.parse(wanted) as MapFilters, [wanted]);
  const needed = [color, "stage", "suggested", ...Object.keys(filters)] as ColumnName[];
  const { columns, reload, error: columnError } = useColumns(slug, mapId, needed.filter(allowed));
  // Before what they filter by has come, "all shown" would be all.
  const isWaiting =
    !columnError && (Object.keys(filters) as ColumnName[]).some((it) => allowed(it) && !columns.has(it));
  const isShown = useMemo(
    () => (points && !isWaiting ? shownBy(filters, columns, points.xs) : null),
    [filters, columns, points, isWaiting],
  );
  const looks = useMemo(
    () => (points && isShown ? looksOf(points, isShown, columns.get(color), project, isDark) : null),
    [points, isShown, columns, color, project, isDark],
  );
  const [picked, setPicked] = useState<{ mapId: number; rows: Uint32Array }>({ mapId, rows: NOTHING });
  const selected = picked.mapId === mapId ? picked.rows : NOTHING;
  const setSelected = useCallback((rows: Uint32Array) => setPicked({ mapId, rows }), [mapId]);
  return {
    points,
    ids,
    color,
    columns,
    column: columns.get(color),
    isShown,
    looks,
    selected,
    setSelected,
    reload,
    error: error ?? columnError,
  };
}

export type Scene = ReturnType<typeof useScene>;

function looksOf(
  points: Points,
  isShown: Uint8Array,
  column: Column | undefined,
  project: Project,
  isDark: boolean,
): Looks {
  const n = points.xs.length;
  const places = new Uint8Array(n);
  const blank: Column = { name: "stage", codes: new Uint8Array(0), labels: [] };
  const of = column ?? blank;
  const colours = coloursOf(of, countsOf(of.codes), project.scale.stages, isDark);
  for (let row = 0; row < n; row += 1) {
    places[row] = isShown[row] ? (colours.places[of.codes[row] ?? 255] ?? 0) : UNSEEN;
  }
  return { places, isShown, palette: colours.palette, rim: RIM[isDark ? "dark" : "light"] };
}

/** Rows that are in one list and not in the other, and both together; ascending. */
export function combined(
  before: Uint32Array,
  rows: Uint32Array,
  how: "replace" | "add" | "remove",
): Uint32Array {
  if (how === "replace") return rows;
  const set = new Set(before);
  for (const row of rows) {
    if (how === "add") set.add(row);
    else set.delete(row);
  }
  return Uint32Array.from(set).sort();
}
