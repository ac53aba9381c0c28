import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { requestBytes } from "@/api/client";
import { type Column, type ColumnName, columnFrom } from "./columns";

/** Points of the first request: they are on the screen while the others are under way. */
export const FIRST_POINTS = 50_000;
const FRESH_MS = 30_000;

export interface Points {
  mapId: number;
  xs: Uint16Array;
  ys: Uint16Array;
  isWhole: boolean;
}

/** The points: first a fair sample of them, then all. */
export function usePoints(
  slug: string,
  mapId: number,
  nPoints: number,
): { points: Points | null; error: unknown } {
  const [points, setPoints] = useState<Points | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const leaving = new AbortController();
    const path = `/projects/${slug}/map/${mapId}/points`;
    const fetchPart = async (start: number, stop: number) =>
      new Uint16Array(await requestBytes(path, { start, stop }, leaving.signal));
    const load = async () => {
      const first = await fetchPart(0, Math.min(nPoints, FIRST_POINTS));
      const isWhole = nPoints <= FIRST_POINTS;
      setPoints(joined(mapId, [first], isWhole));
      if (isWhole) return;
      const rest = await fetchPart(FIRST_POINTS, nPoints);
      setPoints(joined(mapId, [first, rest], true));
    };
    setError(null);
    load().catch((reason: unknown) => {
      if (!leaving.signal.aborted) setError(reason);
    });
    return () => leaving.abort();
  }, [slug, mapId, nPoints]);
  return { points: points?.mapId === mapId ? points : null, error };
}

/** Parts, each all its first coordinates and then all its second ones. */
export function joined(mapId: number, parts: readonly Uint16Array[], isWhole: boolean): Points {
  const n = parts.reduce((sum, part) => sum + part.length / 2, 0);
  const [xs, ys] = [new Uint16Array(n), new Uint16Array(n)];
  let at = 0;
  for (const part of parts) {
    const half = part.length / 2;
    xs.set(part.subarray(0, half), at);
    ys.set(part.subarray(half), at);
    at += half;
  }
  return { mapId, xs, ys, isWhole };
}

/** Ids of the photos in the order of the points; 0 for one that may not be seen. */
export function usePhotoIds(slug: string, mapId: number, isWanted: boolean): Uint32Array | undefined {
  return useQuery({
    queryKey: ["project", slug, "map", mapId, "photos"],
    queryFn: async ({ signal }) =>
      new Uint32Array(await requestBytes(`/projects/${slug}/map/${mapId}/photos`, {}, signal)),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  }).data;
}

/** The columns that are needed now, as far as they have come. */
export function useColumns(slug: string, mapId: number, names: readonly ColumnName[]) {
  const client = useQueryClient();
  const { columns, error } = useQueries({
    queries: [...new Set(names)].map((name) => ({
      queryKey: ["project", slug, "map", mapId, "column", name],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        columnFrom(name, await requestBytes(`/projects/${slug}/map/${mapId}/columns/${name}`, {}, signal)),
      staleTime: FRESH_MS,
      structuralSharing: false as const,
    })),
    combine: together,
  });
  const reload = useCallback(
    () => client.invalidateQueries({ queryKey: ["project", slug, "map", mapId, "column"] }),
    [client, slug, mapId],
  );
  return { columns, reload, error };
}

function together(found: readonly { data: Column | undefined; error: unknown }[]) {
  const come = found.flatMap(({ data }) => (data ? [[data.name, data] as const] : []));
  return { columns: new Map(come), error: found.find((it) => it.error)?.error ?? null };
}
