/** The report of a version: it never changes, so it is read once. */
import { queryOptions } from "@tanstack/react-query";
import { API_ROOT, ApiError, api } from "@/api/client";
import type { EvaluationReport } from "@/api/types";

const addressOf = (slug: string, id: string) => `/projects/${slug}/model-versions/${id}`;

export const reportOf = (slug: string, id: string) =>
  queryOptions({
    queryKey: ["project", slug, "model", id, "report"],
    queryFn: () => api.get<EvaluationReport>(`${addressOf(slug, id)}/report`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => !(error instanceof ApiError && error.status === 404) && count < 2,
  });

/** Address of the card in one language. */
export const cardOf = (slug: string, id: string, language: string) =>
  `${API_ROOT}${addressOf(slug, id)}/card?language=${language.startsWith("en") ? "en" : "es"}`;
