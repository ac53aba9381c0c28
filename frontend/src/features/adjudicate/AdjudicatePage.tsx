import { Skeleton } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { AdjudicationRow, Settlement, Stage } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import { Case } from "./Case";
import { settledBy } from "./keys";

export function AdjudicatePage({ slug }: { slug: string }) {
  const { t } = useTranslation("adjudicate");
  const { scale } = useProject(slug);
  const open = useInfiniteQuery(queries.adjudications(slug));
  // Settled cases leave at once; the server's list follows.
  const [settled, setSettled] = useState<ReadonlySet<number>>(new Set());
  const rows = (open.data?.pages.flatMap((page) => page.results) ?? []).filter(
    (row) => !settled.has(row.photo_id),
  );
  const current = rows[0] ?? null;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = open;

  useEffect(() => {
    if (rows.length < 3 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  // The next photo is fetched while this one is looked at.
  const upcoming = rows[1]?.view_url;
  useEffect(() => {
    if (upcoming) new Image().src = upcoming;
  }, [upcoming]);

  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      {open.isPending ? <Skeleton height={480} /> : null}
      {open.error ? <Problem error={open.error} onRetry={() => void open.refetch()} /> : null}
      {open.isSuccess && !current && !hasNextPage ? (
        <EmptyState
          icon="adjudicate"
          title={t("empty")}
          action={
            <LinkButton to="/p/$slug/review" params={{ slug }}>
              {t("toReview")}
            </LinkButton>
          }
        >
          {t("emptyHint")}
        </EmptyState>
      ) : null}
      {current ? (
        <CurrentCase
          key={current.photo_id}
          slug={slug}
          row={current}
          stages={scale.stages}
          left={rows.length}
          hasMore={hasNextPage}
          onSettled={(id, isSettled) =>
            setSettled((before) => {
              const next = new Set(before);
              if (isSettled) next.add(id);
              else next.delete(id);
              return next;
            })
          }
        />
      ) : null}
    </>
  );
}

interface CurrentCaseProps {
  slug: string;
  row: AdjudicationRow;
  stages: readonly Stage[];
  left: number;
  hasMore: boolean;
  onSettled: (photoId: number, isSettled: boolean) => void;
}

function CurrentCase({ slug, row, stages, left, hasMore, onSettled }: CurrentCaseProps) {
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const settle = useMutation({
    mutationFn: (settlement: Settlement) =>
      api.post<void>(`/projects/${slug}/adjudications/${row.photo_id}/settle`, settlement),
    onMutate: () => onSettled(row.photo_id, true),
    onError: (error) => {
      // It comes back into view: nothing may look settled that is not.
      onSettled(row.photo_id, false);
      notifyFailed(describeError(error, tErrors));
    },
    onSettled: () => client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true }),
  });
  const { mutate } = settle;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const settlement = settledBy(event, stages);
      if (!settlement) return;
      event.preventDefault();
      mutate(settlement);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [stages, mutate]);

  return <Case row={row} stages={stages} left={left} hasMore={hasMore} onSettle={mutate} />;
}
