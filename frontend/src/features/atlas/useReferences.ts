import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Project } from "@/api/types";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";

/** Replaces one list of examples; the answer is the project, which the bench reads too. */
export function useReferences(slug: string, stageId: number, beside: number | null) {
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  return useMutation({
    mutationFn: (photoIds: readonly number[]) =>
      api.put<Project>(`/projects/${slug}/stages/${stageId}/references`, { photo_ids: photoIds, beside }),
    onSuccess: (project) => {
      client.setQueryData(queries.project(slug).queryKey, project);
      void client.invalidateQueries({ queryKey: queries.candidates(slug, stageId, beside).queryKey });
    },
    onError: (error) => notifyFailed(describeError(error, t)),
  });
}
