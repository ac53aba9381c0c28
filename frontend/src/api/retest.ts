import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { RetestLast, RetestResults, RetestStanding } from "./types";

/** Of the pages on being asked again; apart from `queries`, which every page loads. */
export const retestQueries = {
  standing: (slug: string) =>
    queryOptions({
      queryKey: ["retest", slug],
      queryFn: () => api.get<RetestStanding>(`/projects/${slug}/retest`),
      // The question stays until it is answered; every answer brings the next.
      staleTime: 60_000,
    }),
  last: (slug: string) =>
    queryOptions({
      queryKey: ["retest-told", slug, "last"],
      queryFn: () => api.get<RetestLast>(`/projects/${slug}/retest/last`),
    }),
  results: (slug: string) =>
    queryOptions({
      queryKey: ["retest-told", slug, "results"],
      queryFn: () => api.get<RetestResults>(`/projects/${slug}/retest/results`),
    }),
  /** What a finished round changes. */
  told: (slug: string) => ["retest-told", slug],
};
