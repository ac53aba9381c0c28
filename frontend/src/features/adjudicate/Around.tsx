import { Skeleton, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { AdjudicationRow, HistoryEvent, Project, Stage } from "@/api/types";
import { formatDate, formatDateTime, formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { StageChip, StageDot } from "@/ui/StageChip";
import { Section } from "./CasePanel";
import classes from "./CasePanel.module.css";

interface AroundProps {
  project: Project;
  row: AdjudicationRow;
}
interface EnlargeProps {
  onEnlarge: (url: string, title: string) => void;
}

/** Photos already decided that look most like this one. */
export function NeighboursOf({
  project,
  row,
  count,
  onEnlarge,
}: AroundProps & EnlargeProps & { count: number }) {
  const { t, i18n } = useTranslation("adjudicate");
  const { stages } = project.scale;
  const { data, isPending, isError } = useQuery(queries.neighboursOf(project.slug, row.photo_id, count));
  if (isPending) {
    return (
      <Section title={t("neighbours.title")}>
        <Skeleton height={112} />
      </Section>
    );
  }
  if (isError || data.state === "blind") return null;
  return (
    <Section title={t("neighbours.title")}>
      {data.items.length === 0 ? (
        <p className={classes.quiet}>{t(`neighbours.${data.state === "ready" ? "none" : data.state}`)}</p>
      ) : (
        <div className={classes.neighbours}>
          {data.items.map((item) => {
            const stage = stageAt(stages, item.stage_position);
            const name = stage ? stageName(stage, i18n.language) : t("undecided");
            return (
              <UnstyledButton
                key={item.photo_id}
                className={classes.thumb}
                aria-label={t("neighbours.open", { stage: name })}
                onClick={() => onEnlarge(item.view_url, name)}
              >
                <img src={item.thumb_url} alt="" loading="lazy" />
                <span className={classes.under}>
                  {stage ? <StageDot stage={stage} count={stages.length} small /> : null}
                  <span className={classes.quiet}>{formatPercent(item.similarity, i18n.language)}</span>
                </span>
              </UnstyledButton>
            );
          })}
        </div>
      )}
    </Section>
  );
}

/** The same plant in time order: a stage that would run backwards is seen at once. */
export function PlantOf({ project, row, onEnlarge }: AroundProps & EnlargeProps) {
  const { t, i18n } = useTranslation("adjudicate");
  const { stages } = project.scale;
  const { data } = useQuery(queries.plantOf(project.slug, row.photo_id));
  const current = useRef<HTMLLIElement>(null);
  const n = data?.photos.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the strip is drawn
  useEffect(() => {
    const element = current.current;
    const strip = element?.parentElement;
    // Not scrollIntoView: it would scroll the panel as well.
    if (element && strip)
      strip.scrollLeft = element.offsetLeft - (strip.clientWidth - element.clientWidth) / 2;
  }, [n]);
  if (!data || n < 2) return null;
  return (
    <Section title={t("plant.title", { plant: data.plant })}>
      <ol className={classes.plant}>
        {data.photos.map((photo) => {
          const stage = stageAt(stages, photo.stage_position);
          const date = photo.taken_at ? formatDate(photo.taken_at, i18n.language) : t("plant.noDate");
          const name = stage ? stageName(stage, i18n.language) : t("undecided");
          return (
            <li
              key={photo.photo_id}
              ref={photo.is_current ? current : undefined}
              data-current={photo.is_current || undefined}
            >
              <UnstyledButton
                className={classes.thumb}
                aria-label={`${date}, ${name}`}
                aria-current={photo.is_current || undefined}
                onClick={() => onEnlarge(photo.view_url, `${date} · ${name}`)}
              >
                <img src={photo.thumb_url} alt="" loading="lazy" />
                <span className={classes.under}>
                  {stage ? <StageDot stage={stage} count={stages.length} small /> : null}
                  <span className={classes.quiet}>{date}</span>
                </span>
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

/** Everything said about the photo so far, earlier rounds too. */
export function HistoryOf({ project, row }: AroundProps) {
  const { t } = useTranslation("adjudicate");
  const { data } = useQuery(queries.historyOf(project.slug, row.photo_id));
  if (!data || data.events.length === 0) return null;
  return (
    <Section title={t("history.title")}>
      <ol className={classes.history}>
        {data.events.map((event) => (
          <Event key={`${event.at} ${event.kind} ${event.who}`} event={event} stages={project.scale.stages} />
        ))}
      </ol>
    </Section>
  );
}

function Event({ event, stages }: { event: HistoryEvent; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("adjudicate");
  const { said } = event;
  const lower = stageAt(stages, said?.stage_position);
  const upper = stageAt(stages, said?.stage_upper_position);
  return (
    <li>
      <span className={classes.eventKind}>{t(`history.${event.kind}`)}</span>
      <span className={classes.answer}>
        {lower ? <StageChip stage={lower} count={stages.length} small /> : null}
        {upper ? <StageChip stage={upper} count={stages.length} small /> : null}
        {said && !lower ? t(`said.${said.kind}` as "said.unusable", { defaultValue: said.kind }) : null}
      </span>
      {said?.note ? <p className={classes.note}>{said.note}</p> : null}
      <span className={classes.quiet}>
        {[whoOf(event, t("history.me")), formatDateTime(event.at, i18n.language)].filter(Boolean).join(" · ")}
        {event.is_blind ? ` · ${t("blind")}` : ""}
      </span>
    </li>
  );
}

/** Experts stay without names while their answers are weighed; who settled an earlier round is named. */
function whoOf(event: HistoryEvent, me: string): string {
  if (event.is_mine) return me;
  return event.kind === "adjudication" ? event.who : "";
}
