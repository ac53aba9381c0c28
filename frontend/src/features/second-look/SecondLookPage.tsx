import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe, useProject } from "@/api/project";
import { queries, type SecondLookFilters } from "@/api/queries";
import type { Project, SecondLookRow, SecondLookSummary } from "@/api/types";
import { actionOf, isForeign } from "@/lib/hotkeys";
import { Problem } from "@/ui/Problem";
import type { Zoomable } from "@/ui/zoomable";
import { Beside } from "./Beside";
import { KeysHelp } from "./KeysHelp";
import { type Action, KEYS } from "./keys";
import { LookBar } from "./LookBar";
import { LookPanel } from "./LookPanel";
import { NothingLeft } from "./NothingLeft";
import { RankedList } from "./RankedList";
import { Rounds } from "./Rounds";
import classes from "./SecondLookPage.module.css";
import { type Looks, useLooks } from "./useLooks";
import { Verdicts } from "./Verdicts";

interface SecondLookPageProps {
  slug: string;
  /** From the address. */
  filters: SecondLookFilters;
  onFilters: (filters: SecondLookFilters) => void;
}

/** Labels that are probably wrong, the most doubtful first: why, beside what speaks against them, and one key to settle. */
export function SecondLookPage({ slug, filters, onFilters }: SecondLookPageProps) {
  const { t } = useTranslation("secondLook");
  const project = useProject(slug);
  const summary = useQuery(queries.secondLookSummary(slug));
  const looks = useLooks(slug, filters);
  const zoom = useRef<Zoomable | null>(null);
  const [open, setOpen] = useState<"keys" | "rounds" | null>(null);
  const { current, list, rows } = looks;
  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  useKeys(looks, zoom, () => setOpen("keys"));
  usePreload(rows[looks.place + 1]);

  return (
    <section className={classes.page} aria-label={t("title")}>
      <LookBar
        project={project}
        looks={looks}
        summary={summary.data}
        filters={filters}
        onFilters={onFilters}
        onOpen={setOpen}
      />
      {current ? (
        <Case key={current.id} project={project} row={current} looks={looks} zoom={zoom} />
      ) : (
        <Nothing
          project={project}
          looks={looks}
          summary={summary.data}
          filters={filters}
          onFilters={onFilters}
        />
      )}
      <KeysHelp opened={open === "keys"} onClose={() => setOpen(null)} />
      <Rounds opened={open === "rounds"} rounds={summary.data?.rounds ?? []} onClose={() => setOpen(null)} />
      {list.isFetchNextPageError ? (
        <Problem error={list.error} onRetry={() => void list.fetchNextPage()} />
      ) : null}
    </section>
  );
}

interface CaseProps {
  project: Project;
  row: SecondLookRow;
  looks: Looks;
  zoom: React.RefObject<Zoomable | null>;
}

function Case({ project, row, looks, zoom }: CaseProps) {
  return (
    <>
      <div className={classes.middle}>
        <RankedList project={project} looks={looks} />
        <Beside project={project} row={row} zoom={zoom} />
        <LookPanel project={project} row={row} />
      </div>
      <Verdicts row={row} looks={looks} />
    </>
  );
}

interface NothingProps {
  project: Project;
  looks: Looks;
  summary: SecondLookSummary | undefined;
  filters: SecondLookFilters;
  onFilters: (filters: SecondLookFilters) => void;
}

function Nothing({ project, looks, summary, filters, onFilters }: NothingProps) {
  const { list } = looks;
  return (
    <div className={classes.none}>
      {list.isPending || (list.hasNextPage && !list.error) ? <Skeleton className={classes.skeleton} /> : null}
      {list.error ? <Problem error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isSuccess && !list.hasNextPage && summary ? (
        <NothingLeft project={project} summary={summary} filters={filters} onFilters={onFilters} />
      ) : null}
    </div>
  );
}

function useKeys(looks: Looks, zoom: React.RefObject<Zoomable | null>, openHelp: () => void): void {
  const me = useMe();
  const areOn = (me?.preferences.review as { keys_on?: boolean } | undefined)?.keys_on !== false;
  useEffect(() => {
    if (!areOn) return;
    const { current, settle } = looks;
    const acts: Record<Action, () => void> = {
      confirm: () => current && settle(current, { outcome: "confirm" }),
      send_back: () => current && !current.is_gold && settle(current, { outcome: "send_back" }),
      dismiss: () => current && settle(current, { outcome: "dismiss" }),
      next: () => looks.step(1),
      previous: () => looks.step(-1),
      undo: looks.undo,
      zoom_in: () => zoom.current?.step(1),
      zoom_out: () => zoom.current?.step(-1),
      zoom_reset: () => zoom.current?.reset(),
      help: openHelp,
    };
    const onKey = (event: KeyboardEvent) => {
      const isDialogOpen = document.querySelector("[role='dialog'][aria-modal='true']") !== null;
      if (isForeign(event, { allowRepeat: false, isDialogOpen })) return;
      const action = actionOf(KEYS, event);
      if (!action) return;
      event.preventDefault();
      acts[action]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}

/** The pictures of the next case are fetched while this one is looked at. */
function usePreload(next: SecondLookRow | undefined): void {
  useEffect(() => {
    if (!next) return;
    for (const url of [next.thumb_url, next.view_url]) new Image().src = url;
  }, [next]);
}
