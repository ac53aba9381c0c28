import { Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe, useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { AdjudicationRow, Project } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { Problem } from "@/ui/Problem";
import { ZoomPhoto } from "@/ui/ZoomPhoto";
import type { Zoomable } from "@/ui/zoomable";
import classes from "./AdjudicatePage.module.css";
import { CaseBar } from "./CaseBar";
import { CasePanel } from "./CasePanel";
import { meaningOf } from "./keys";
import { useSettling } from "./useSettling";
import { Verdict } from "./Verdict";

const NEIGHBOURS = 6;

/** Photos that divide the experts, one after the other: what each said, what helps to decide, and one key that settles. */
export function AdjudicatePage({ slug }: { slug: string }) {
  const { t } = useTranslation("adjudicate");
  const project = useProject(slug);
  const open = useInfiniteQuery(queries.adjudications(slug));
  const settling = useSettling(slug);
  const rows = (open.data?.pages.flatMap((page) => page.results) ?? []).filter(
    (row) => !settling.gone.has(row.photo_id),
  );
  const current = rows[0] ?? null;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = open;

  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  useEffect(() => {
    if (rows.length < 3 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  usePreload(slug, rows[1]);

  const isDone = open.isSuccess && !current && !hasNextPage;
  return (
    <section className={classes.page} aria-label={t("title")}>
      <CaseBar row={current} left={rows.length} hasMore={hasNextPage} settling={settling} project={project} />
      {current ? (
        <Case key={current.photo_id} project={project} row={current} settling={settling} />
      ) : (
        <div className={classes.none}>
          {open.isPending || (hasNextPage && !open.error) ? <Skeleton className={classes.skeleton} /> : null}
          {open.error ? <Problem error={open.error} onRetry={() => void open.refetch()} /> : null}
          {isDone ? (
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
        </div>
      )}
    </section>
  );
}

/** All of the next case is fetched while this one is looked at. */
function usePreload(slug: string, next: AdjudicationRow | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!next) return;
    for (const url of [next.thumb_url, next.view_url]) new Image().src = url;
    const id = next.photo_id;
    void client.prefetchQuery(queries.historyOf(slug, id));
    void client.prefetchQuery(queries.plantOf(slug, id));
    void client.prefetchQuery(queries.neighboursOf(slug, id, NEIGHBOURS));
  }, [slug, next, client]);
}

interface CaseProps {
  project: Project;
  row: AdjudicationRow;
  settling: ReturnType<typeof useSettling>;
}

function Case({ project, row, settling }: CaseProps) {
  const { t } = useTranslation("adjudicate");
  const { stages } = project.scale;
  const me = useMe();
  const zoom = useRef<Zoomable | null>(null);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const [note, setNote] = useState("");
  const [isNoteWanted, setIsNoteWanted] = useState(false);
  const actions = useMemo(
    () => ({
      settle: (settlement: Parameters<typeof settling.settle>[1]) =>
        settling.settle(row, note.trim() ? { ...settlement, note: note.trim() } : settlement),
      sendBack: () => {
        if (note.trim()) settling.settle(row, { outcome: "send_back", note: note.trim() });
        else {
          setIsNoteWanted(true);
          // Hidden until now on a phone.
          requestAnimationFrame(() => noteField.current?.focus());
        }
      },
    }),
    [settling, row, note],
  );
  const areKeysOn = (me?.preferences.review as { keys_on?: boolean } | undefined)?.keys_on !== false;

  useEffect(() => {
    if (!areKeysOn) return;
    const acts = {
      send_back: actions.sendBack,
      note: () => noteField.current?.focus(),
      undo: settling.undo,
      zoom_in: () => zoom.current?.step(1),
      zoom_out: () => zoom.current?.step(-1),
      zoom_reset: () => zoom.current?.reset(),
    };
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector("[role='dialog'][aria-modal='true']")) return;
      const meaning = meaningOf(event, stages);
      if (!meaning) return;
      event.preventDefault();
      if (meaning.kind === "settle") actions.settle(meaning.settlement);
      else acts[meaning.kind]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [areKeysOn, actions, stages, settling.undo]);

  const place = [row.site, row.plant].filter(Boolean).join(", ");
  const name = t("photo", { id: row.photo_id });
  return (
    <>
      <div className={classes.middle}>
        <ZoomPhoto photo={row} alt={place ? `${name}, ${place}` : name} zoom={zoom} />
        <CasePanel project={project} row={row} neighbours={NEIGHBOURS} />
      </div>
      <Verdict
        stages={stages}
        note={note}
        onNote={(text) => {
          setNote(text);
          setIsNoteWanted(false);
        }}
        isNoteWanted={isNoteWanted}
        noteRef={noteField}
        onSettle={actions.settle}
        onSendBack={actions.sendBack}
      />
    </>
  );
}
