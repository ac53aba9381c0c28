import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";

/** What an admin does with a change of the stages; what shows them is read anew afterwards. */
export function useSteps(slug: string, id: number) {
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const base = `/projects/${slug}/scale-migrations/${id}`;
  const then = {
    onSuccess: () => client.invalidateQueries({ queryKey: ["project", slug] }),
    onError: (error: unknown) => notifyFailed(describeError(error, tErrors)),
  };
  const step = useMutation({
    mutationFn: (what: "apply" | "undo" | "report") => api.post<void>(`${base}/step`, { what }),
    ...then,
  });
  const discard = useMutation({ mutationFn: () => api.delete<void>(base), ...then });
  return { step, discard };
}
