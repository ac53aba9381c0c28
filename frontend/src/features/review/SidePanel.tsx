import { Modal, Textarea, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useState } from "react";
import { queries } from "@/api/queries";
import type { QueueItem, Stage } from "@/api/types";
import { formatDate, formatDateTime } from "@/lib/format";
import { stageDescription } from "@/lib/stages";
import { ProbBars } from "@/ui/ProbBars";
import { StageChip } from "@/ui/StageChip";
import classes from "./SidePanel.module.css";
import { useReview, useScene } from "./useBench";
import { stagesToCompare, useWords } from "./words";

const LINGER_MS = 700;

/** All that helps to decide, beside the photo; drawn after it. */
export function SidePanel({ noteRef }: { noteRef: RefObject<HTMLTextAreaElement | null> }) {
  const { bench } = useScene();
  useReview();
  const item = bench.store.shown;
  if (!item) return null;
  return (
    <div className={classes.panel}>
      <Why item={item} />
      <Model item={item} />
      <References item={item} />
      <Note noteRef={noteRef} />
      <About item={item} />
      <History item={item} />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </section>
  );
}

function Why({ item }: { item: QueueItem }) {
  const { t, nameAt } = useWords();
  let text = t(`why.${item.reason}`, { lower: "", upper: "" });
  if (item.reason === "boundary") {
    // On a blind photo the two names would give the suggestion away.
    const isNamed = item.boundary !== null && !item.is_blind;
    const names = { lower: nameAt(item.boundary), upper: nameAt((item.boundary ?? 0) + 1) };
    text = isNamed ? t("why.boundary", names) : t("why.boundaryPlain");
  }
  return (
    <Section title={t("why.title")}>
      <p className={classes.why}>{text}</p>
    </Section>
  );
}

function Model({ item }: { item: QueueItem }) {
  const { t, stages } = useWords();
  const suggestion = item.is_blind ? null : item.suggestion;
  const boundary = suggestion ? item.boundary : null;
  let note = boundary === null ? " " : t("model.boundary");
  if (!suggestion) note = item.is_blind ? t("model.hidden") : t("model.none");
  return (
    <Section title={t("model.title")}>
      <ProbBars
        stages={stages}
        probabilities={suggestion?.probabilities ?? null}
        best={suggestion?.position ?? null}
        boundary={boundary}
      />
      <p className={classes.quiet}>{note}</p>
    </Section>
  );
}

function References({ item }: { item: QueueItem }) {
  const { t, stages } = useWords();
  const compared = stagesToCompare(item, stages);
  // Without a hint of ours the whole scale is there to compare with, small.
  const shown = compared.length > 0 ? compared : stages.filter((stage) => stage.references.length > 0);
  if (shown.length === 0) return null;
  return (
    <Section title={t("references.title")}>
      <div className={classes.references} data-all={compared.length === 0 || undefined}>
        {shown.map((stage) => (
          <Reference key={stage.id} stage={stage} count={stages.length} isLarge={compared.length > 0} />
        ))}
      </div>
    </Section>
  );
}

function Reference({ stage, count, isLarge }: { stage: Stage; count: number; isLarge: boolean }) {
  const { t, language, nameAt } = useWords();
  const [open, setOpen] = useState<string | null>(null);
  const photos = stage.references.slice(0, isLarge ? 2 : 1);
  return (
    <figure className={classes.reference}>
      {photos.map((photo) => (
        <UnstyledButton
          key={photo.photo_id}
          className={classes.atlas}
          aria-label={t("references.open", { stage: nameAt(stage.position) })}
          onClick={() => setOpen(photo.view_url)}
        >
          <img src={photo.thumb_url} alt="" loading="lazy" width={140} height={105} />
        </UnstyledButton>
      ))}
      {photos.length === 0 ? <div className={classes.noAtlas}>{t("references.none")}</div> : null}
      <figcaption>
        <StageChip stage={stage} count={count} small />
        {isLarge ? <p className={classes.quiet}>{stageDescription(stage, language)}</p> : null}
      </figcaption>
      <Modal
        lockScroll={false}
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="auto"
        title={nameAt(stage.position)}
      >
        {open ? <img className={classes.large} src={open} alt={nameAt(stage.position)} /> : null}
      </Modal>
    </figure>
  );
}

function Note({ noteRef }: { noteRef: RefObject<HTMLTextAreaElement | null> }) {
  const { bench } = useScene();
  const { note } = useReview();
  const { t } = useWords();
  return (
    <section className={classes.section}>
      <Textarea
        ref={noteRef}
        label={t("note.label")}
        placeholder={t("note.placeholder")}
        autosize
        minRows={1}
        maxRows={4}
        value={note}
        onChange={(event) => bench.store.setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Leaves the field so that the next key decides again.
          if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
      />
    </section>
  );
}

/** Day of the year, 1 to 366: what phenologists count in. */
function dayOfYear(iso: string): number {
  const date = new Date(iso);
  return Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) /
      86_400_000,
  );
}

function About({ item }: { item: QueueItem }) {
  const { t, language } = useWords();
  const none = t("info.none");
  const day = item.taken_at ? t("info.day", { day: dayOfYear(item.taken_at) }) : "";
  const rows: [string, string][] = [
    [t("info.site"), item.site || none],
    [t("info.plant"), item.plant || none],
    [t("info.date"), item.taken_at ? `${formatDate(item.taken_at, language)} · ${day}` : none],
    [t("info.size"), `${item.width} × ${item.height}`],
  ];
  return (
    <Section title={t("info.title")}>
      <dl className={classes.about}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Asked for only when the expert lingers: at full pace nobody reads it. */
function History({ item }: { item: QueueItem }) {
  const { project } = useScene();
  const { t, what, language } = useWords();
  const [lingered] = useDebouncedValue(item.photo_id, LINGER_MS);
  const enabled = lingered === item.photo_id;
  const { data } = useQuery({ ...queries.photo(project.slug, item.photo_id), enabled });
  const mine = data?.annotations.filter((annotation) => annotation.is_mine) ?? [];
  if (mine.length === 0) return null;
  return (
    <Section title={t("history.title")}>
      <ul className={classes.history}>
        {mine.map((row) => (
          <li key={row.id} data-withdrawn={row.withdrawn_at !== null || undefined}>
            {what({
              kind: row.kind,
              stage: row.stage_position ?? undefined,
              stage_upper: row.stage_upper_position ?? undefined,
              reason: row.reason,
            })}
            {row.withdrawn_at ? ` · ${t("history.withdrawn")}` : ""}
            <span className={classes.quiet}>{formatDateTime(row.decided_at, language)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
