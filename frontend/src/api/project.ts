import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Project, Stage } from "@/api/types";

/** The project of the page; the route's loader has put it into the cache. */
export function useProject(slug: string): Project {
  return useSuspenseQuery(queries.project(slug)).data;
}

/** The stage at a position, when there is one. */
export function stageAt(stages: readonly Stage[], position: number | null | undefined): Stage | null {
  if (position === null || position === undefined) return null;
  return stages.find((stage) => stage.position === position) ?? null;
}

export function useMe() {
  return useQuery(queries.session()).data?.user ?? null;
}
