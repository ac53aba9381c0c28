import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import { retestQueries } from "@/api/retest";
import type { PracticeAnswer, Project, RetestStanding } from "@/api/types";
import { uuid } from "@/lib/uuid";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import type { Prefix, Said } from "./round";

/** Being asked again: what is asked, and saying something. Nothing is told before the round is over. */
export function useRetest(project: Project) {
  const { slug } = project;
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  const asked = useQuery(retestQueries.standing(slug));
  const [prefix, setPrefix] = useState<Prefix>(null);
  const shownAt = useRef(performance.now());
  const question = asked.data?.question ?? null;
  const photoId = question?.photo_id;
  useEffect(() => {
    if (photoId !== undefined) shownAt.current = performance.now();
  }, [photoId]);

  const now = (standing: RetestStanding) => {
    client.setQueryData(retestQueries.standing(slug).queryKey, standing);
    void client.invalidateQueries({ queryKey: retestQueries.told(slug) });
  };
  const open = useMutation({
    mutationFn: () => api.post<RetestStanding>(`/projects/${slug}/retest`),
    onSuccess: now,
    onError: (error) => {
      notifyFailed(describeError(error, t));
      void asked.refetch();
    },
  });
  const send = useMutation({
    mutationFn: (answer: PracticeAnswer) =>
      api.post<RetestStanding>(`/projects/${slug}/retest/answers`, answer),
    onSuccess: now,
    onError: (error) => {
      notifyFailed(describeError(error, t));
      // Refused for good: another photo is asked by now, or the stages were changed.
      if (error instanceof ApiError && error.status !== 401 && error.status < 500) void askAnew();
    },
  });

  const say = (said: Said) => {
    // An answer that may have arrived is only sent again as it was: its key changes nothing then.
    if (!question || send.isPending || send.isError) return;
    setPrefix(null);
    send.mutate({
      key: uuid(),
      photo_id: question.photo_id,
      scale: project.scale.id,
      elapsed_ms: Math.round(performance.now() - shownAt.current),
      ...said,
    });
  };
  const retry = () => {
    if (send.variables) send.mutate(send.variables);
  };
  const askAnew = async () => {
    send.reset();
    await client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
    await asked.refetch();
  };
  return { asked, question, told: null, prefix, setPrefix, open, send, say, retry, goOn: () => {} };
}

export type Retesting = ReturnType<typeof useRetest>;
