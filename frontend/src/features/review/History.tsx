import { useQuery } from "@tanstack/react-query";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { HistoryEvent, QueueItem } from "@/api/types";
import { formatDateTime, formatDuration, formatPercent } from "@/lib/format";
import { StageDot } from "@/ui/StageChip";
import classes from "./History.module.css";
import { timelineOf } from "./timeline";
import { useScene } from "./useBench";
import { useLingered } from "./useLingered";
import { useWords } from "./words";

/** Who said what of this photo, and when; before the reader has decided, only what is theirs to know. */
export function History({ item, isDecided }: { item: QueueItem; isDecided: boolean }) {
  const { project } = useScene();
  const { t } = useWords();
  const enabled = useLingered(item.photo_id);
  const { data, isError } = useQuery({ ...queries.historyOf(project.slug, item.photo_id), enabled });
  if (isError) return <p className={classes.quiet}>{t("around.failed")}</p>;
  if (!data) return <p className={classes.quiet}>&nbsp;</p>;
  const { events, hidesOthers } = timelineOf(data, isDecided);
  return (
    <>
      {events.length === 0 && !hidesOthers ? <p className={classes.quiet}>{t("history.none")}</p> : null}
      {hidesOthers ? <p className={classes.quiet}>{t("history.hidden")}</p> : null}
      <ol className={classes.events}>
        {events.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity, and the list is only ever replaced
          <Event key={index} event={event} />
        ))}
      </ol>
    </>
  );
}

function Event({ event }: { event: HistoryEvent }) {
  const { t, language, stages, nameAt, said } = useWords();
  const deed = ({ kind, said: what }: HistoryEvent) =>
    what?.kind === "send_back"
      ? t("history.sentBack")
      : t(`history.${kind}`, { what: what ? said(what) : "" });
  const stage = stageAt(stages, event.said?.kind === "stage" ? event.said.stage_position : null);
  const facts = [formatDateTime(event.at, language)];
  if (event.lead_time_ms !== null && event.kind === "annotation")
    facts.push(formatDuration(event.lead_time_ms / 1000));
  if (event.is_blind) facts.push(t("history.blind"));
  else if (event.shown)
    facts.push(
      t("history.shown", {
        stage: nameAt(event.shown.position),
        share: formatPercent(event.shown.confidence, language),
      }),
    );
  return (
    <li className={classes.event} data-kind={event.kind}>
      <span className={classes.mark}>
        {stage ? <StageDot stage={stage} count={stages.length} small /> : <i aria-hidden="true" />}
      </span>
      <div>
        <p className={classes.said}>
          <b>{event.is_mine ? t("history.me") : event.who || t("history.nobody")}</b> {deed(event)}
        </p>
        {event.said?.note ? <p className={classes.note}>{event.said.note}</p> : null}
        <p className={classes.quiet}>{facts.join(" · ")}</p>
      </div>
    </li>
  );
}
