import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import type { PracticeAnswer, PracticeAsked, PracticeGraded, Project } from "@/api/types";
import { uuid } from "@/lib/uuid";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import type { Prefix, Said } from "./round";

interface Told extends PracticeGraded {
  said: Said;
}

/** What is asked, what was told about the last answer, and saying something. */
export function usePractice(project: Project) {
  const { slug } = project;
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  const asked = useQuery(queries.practice(slug));
  const [told, setTold] = useState<Told | null>(null);
  const [prefix, setPrefix] = useState<Prefix>(null);
  const shownAt = useRef(performance.now());
  const question = asked.data?.question ?? null;
  const photoId = question?.photo_id;
  useEffect(() => {
    if (photoId !== undefined) shownAt.current = performance.now();
  }, [photoId]);

  const send = useMutation({
    mutationFn: ({ answer }: { answer: PracticeAnswer; said: Said }) =>
      api.post<PracticeGraded>(`/projects/${slug}/practice/answers`, answer),
    onSuccess: (graded, { said }) => {
      setTold({ ...graded, said });
      if (graded.question)
        for (const url of [graded.question.thumb_url, graded.question.view_url]) new Image().src = url;
      if (graded.standing.state === "counts" && asked.data?.standing.state !== "counts") {
        void client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
      }
    },
    onError: (error) => {
      notifyFailed(describeError(error, t));
      // Refused for good: another photo is asked by now, or the stages were changed.
      if (error instanceof ApiError && error.status !== 401 && error.status < 500) void askAnew();
    },
  });

  const say = (said: Said) => {
    // An answer that may have arrived is only sent again as it was: its key brings the same grade back.
    if (!question || told || send.isPending || send.isError) return;
    setPrefix(null);
    const answer: PracticeAnswer = {
      key: uuid(),
      photo_id: question.photo_id,
      scale: project.scale.id,
      elapsed_ms: Math.round(performance.now() - shownAt.current),
      ...said,
    };
    send.mutate({ answer, said });
  };
  const retry = () => {
    if (send.variables) send.mutate(send.variables);
  };
  const askAnew = async () => {
    send.reset();
    await client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
    await asked.refetch();
  };
  const goOn = () => {
    if (!told) return;
    const { question: next, standing } = told;
    client.setQueryData<PracticeAsked>(queries.practice(slug).queryKey, { question: next, standing });
    setTold(null);
  };
  return { asked, question, told, prefix, setPrefix, send, say, retry, goOn };
}

export type Practising = ReturnType<typeof usePractice>;
