import { Skeleton } from "@mantine/core";
import { type RefObject, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMe, useProject } from "@/api/project";
import type { PracticeStanding, Project } from "@/api/types";
import { benchSettings } from "@/lib/benchKeys";
import { isForeign } from "@/lib/hotkeys";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { Problem } from "@/ui/Problem";
import { WorkBar } from "@/ui/WorkBar";
import { ZoomPhoto } from "@/ui/ZoomPhoto";
import type { Zoomable } from "@/ui/zoomable";
import { AnswerBar } from "./AnswerBar";
import classes from "./PracticePage.module.css";
import { needed, type Step, stepOf } from "./round";
import { Told } from "./Told";
import { type Practising, usePractice } from "./usePractice";

/** Known photos, one at a time: say what it is, be told at once. Nothing said here counts. */
export function PracticePage({ slug }: { slug: string }) {
  const { t } = useTranslation("practice");
  const project = useProject(slug);
  const practice = usePractice(project);
  const zoom = useRef<Zoomable | null>(null);
  const perform = usePerform(practice, zoom);
  useKeys(project, practice, perform);
  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  const { asked, question, told } = practice;
  const standing = told?.standing ?? asked.data?.standing;
  return (
    <section className={classes.page} aria-label={t("title")}>
      <Bar project={project} standing={standing} />
      {question ? (
        <>
          <div className={classes.middle}>
            <ZoomPhoto
              key={question.photo_id}
              photo={question}
              alt={t("photo", { id: question.photo_id })}
              zoom={zoom}
            />
            <Told project={project} practice={practice} />
          </div>
          <AnswerBar project={project} practice={practice} perform={perform} />
        </>
      ) : (
        <div className={classes.none}>
          {asked.isPending ? <Skeleton height="100%" width="100%" /> : null}
          {asked.error ? <Problem error={asked.error} onRetry={() => void asked.refetch()} /> : null}
          {asked.data ? <NothingKnown project={project} /> : null}
        </div>
      )}
    </section>
  );
}

function Bar({ project, standing }: { project: Project; standing: PracticeStanding | undefined }) {
  const { t } = useTranslation("practice");
  return (
    <WorkBar slug={project.slug} back={t("back")} title={t("title")}>
      {standing ? (
        <>
          <Dots grades={standing.grades.slice(-standing.n_wanted)} wanted={standing.n_wanted} />
          <p className={classes.score} role="status">
            {standing.n_last > 0
              ? t("score", {
                  exact: standing.n_exact,
                  n: standing.n_last,
                  need: needed(standing),
                  wanted: standing.n_wanted,
                })
              : t("scoreNone", { need: needed(standing), wanted: standing.n_wanted })}
            {standing.n_answers > 0 && standing.stages_missing.length > 0
              ? ` · ${t("missing", { count: standing.stages_missing.length })}`
              : ""}
          </p>
        </>
      ) : null}
    </WorkBar>
  );
}

/** The last answers as marks; the words beside them say the same. */
function Dots({ grades, wanted }: { grades: readonly string[]; wanted: number }) {
  const marks = [...grades, ...Array.from({ length: Math.max(0, wanted - grades.length) }, () => "none")];
  return (
    <span className={classes.dots} aria-hidden="true">
      {marks.map((grade, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place
        <i key={place} data-grade={grade} />
      ))}
    </span>
  );
}

function NothingKnown({ project }: { project: Project }) {
  const { t } = useTranslation("practice");
  const { slug } = project;
  return (
    <EmptyState
      icon="photos"
      title={t("none.title")}
      action={
        <>
          <LinkButton to="/p/$slug/review" params={{ slug }}>
            {t("none.review")}
          </LinkButton>{" "}
          <LinkButton variant="default" to="/p/$slug/photos" params={{ slug }}>
            {t("none.photos")}
          </LinkButton>
        </>
      }
    >
      {t("none.body")}
    </EmptyState>
  );
}

function usePerform(practice: Practising, zoom: RefObject<Zoomable | null>): (step: Step) => void {
  const { t } = useTranslation("practice");
  return (step) => {
    const acts: Record<Exclude<Step["kind"], "say" | "wait">, () => void> = {
      next: practice.goOn,
      cancel: () => practice.setPrefix(null),
      not_adjacent: () => notifyFailed(t("notAdjacent")),
      zoom_in: () => zoom.current?.step(1),
      zoom_out: () => zoom.current?.step(-1),
      zoom_reset: () => zoom.current?.reset(),
    };
    if (step.kind === "say") practice.say(step.said);
    else if (step.kind === "wait") practice.setPrefix(step.prefix);
    else acts[step.kind]();
  };
}

function useKeys(project: Project, practice: Practising, perform: (step: Step) => void): void {
  const me = useMe();
  const settings = benchSettings(me?.preferences ?? {});
  useEffect(() => {
    if (!settings.isOn || !practice.question) return;
    const onKey = (event: KeyboardEvent) => {
      const isDialogOpen = document.querySelector("[role='dialog'][aria-modal='true']") !== null;
      if (isForeign(event, { allowRepeat: false, isDialogOpen })) return;
      const step = stepOf(event, {
        stages: project.scale.stages,
        keys: settings.keys,
        prefix: practice.prefix,
        isTold: practice.told !== null,
        isOrdered: project.scale.is_ordered,
      });
      if (!step) return;
      event.preventDefault();
      perform(step);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
