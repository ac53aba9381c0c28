import { Modal, UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { AdjudicationRow, Opinion, Project, Stage } from "@/api/types";
import { formatDate, formatDateTime, formatNumber, formatPercent } from "@/lib/format";
import { stageDescription, stageName } from "@/lib/stages";
import { ProbBars } from "@/ui/ProbBars";
import { StageChip, StageDot } from "@/ui/StageChip";
import { HistoryOf, NeighboursOf, PlantOf } from "./Around";
import classes from "./CasePanel.module.css";
import { disputed, inOrder, letterOf, lettersAt } from "./dispute";

interface CasePanelProps {
  project: Project;
  row: AdjudicationRow;
  neighbours: number;
}

/** All that helps to decide, beside the photo. */
export function CasePanel({ project, row, neighbours }: CasePanelProps) {
  const { t } = useTranslation("adjudicate");
  const { t: tCommon } = useTranslation();
  const { stages } = project.scale;
  const [large, setLarge] = useState<{ url: string; title: string } | null>(null);
  const enlarge = (url: string, title: string) => setLarge({ url, title });
  return (
    <aside className={classes.panel} aria-label={t("panel")}>
      <Section title={t("opinions")}>
        <ScaleStrip row={row} stages={stages} />
        <ul className={classes.opinions}>
          {inOrder(row.opinions).map((opinion) => (
            <OpinionCard key={opinion.label} opinion={opinion} stages={stages} />
          ))}
        </ul>
      </Section>
      <Model row={row} stages={stages} />
      <References row={row} stages={stages} onEnlarge={enlarge} />
      <NeighboursOf project={project} row={row} count={neighbours} onEnlarge={enlarge} />
      <PlantOf project={project} row={row} onEnlarge={enlarge} />
      <About row={row} />
      <HistoryOf project={project} row={row} />
      <Modal
        lockScroll={false}
        closeButtonProps={{ "aria-label": tCommon("close") }}
        opened={large !== null}
        onClose={() => setLarge(null)}
        size="auto"
        title={large?.title ?? ""}
      >
        {large ? <img className={classes.large} src={large.url} alt={large.title} /> : null}
      </Modal>
    </aside>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </section>
  );
}

/** The whole dispute at a glance: the scale, and under each stage who named it. Words for it stand in the cards. */
function ScaleStrip({ row, stages }: { row: AdjudicationRow; stages: readonly Stage[] }) {
  const { t } = useTranslation("adjudicate");
  return (
    <div className={classes.strip} aria-hidden="true">
      {stages.map((stage) => {
        const letters = lettersAt(row.opinions, stage.position);
        const isModel = row.suggestion?.position === stage.position;
        return (
          <div key={stage.id} className={classes.step} data-named={letters.length > 0 || undefined}>
            <StageDot stage={stage} count={stages.length} />
            <span className={classes.letters}>
              {letters.map((letter) => (
                <b key={letter}>{letter}</b>
              ))}
              {isModel ? <i>{t("modelShort")}</i> : null}
            </span>
          </div>
        );
      })}
    </div>
  );
}

function OpinionCard({ opinion, stages }: { opinion: Opinion; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("adjudicate");
  const { t: tPhotos } = useTranslation("photos");
  const { t: tReview } = useTranslation("review");
  const lower = stageAt(stages, opinion.stage_position);
  const upper = stageAt(stages, opinion.stage_upper_position);
  const seconds = opinion.lead_time_ms === null ? null : opinion.lead_time_ms / 1000;
  return (
    <li className={classes.opinion}>
      <span className={classes.who}>
        <b className={classes.letter}>{letterOf(opinion)}</b>
        {opinion.is_blind ? <span className={classes.blind}>{t("blind")}</span> : null}
      </span>
      <span className={classes.answer}>
        {lower ? <StageChip stage={lower} count={stages.length} /> : tPhotos(`kind.${opinion.kind}`)}
        {upper ? (
          <>
            <span className={classes.quiet}>{t("and")}</span>
            <StageChip stage={upper} count={stages.length} />
          </>
        ) : null}
      </span>
      {opinion.reason ? (
        <span className={classes.quiet}>
          {tReview(`reason.${opinion.reason}` as "reason.other", { defaultValue: opinion.reason })}
        </span>
      ) : null}
      {opinion.note ? <p className={classes.note}>{opinion.note}</p> : null}
      <span className={classes.quiet}>
        <time dateTime={opinion.decided_at}>{formatDateTime(opinion.decided_at, i18n.language)}</time>
        {seconds === null
          ? ""
          : ` · ${t("seconds", { n: formatNumber(seconds, i18n.language, seconds < 10 ? 1 : 0) })}`}
      </span>
    </li>
  );
}

function Model({ row, stages }: { row: AdjudicationRow; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("adjudicate");
  const suggested = stageAt(stages, row.suggestion?.position);
  if (!suggested) return null;
  return (
    <Section title={t("model")}>
      {row.probabilities.length === stages.length ? (
        <ProbBars stages={stages} probabilities={row.probabilities} best={suggested.position} />
      ) : (
        <StageChip
          stage={suggested}
          count={stages.length}
          note={formatPercent(row.suggestion?.confidence, i18n.language)}
        />
      )}
    </Section>
  );
}

interface EnlargeProps {
  onEnlarge: (url: string, title: string) => void;
}

/** Reference photos of the stages that the experts and the model named, in order. */
function References({
  row,
  stages,
  onEnlarge,
}: { row: AdjudicationRow; stages: readonly Stage[] } & EnlargeProps) {
  const { t, i18n } = useTranslation("adjudicate");
  const named = disputed(row).flatMap((position) => stageAt(stages, position) ?? []);
  if (named.length === 0) return null;
  return (
    <Section title={t("references")}>
      <div className={classes.references}>
        {named.map((stage) => {
          const name = stageName(stage, i18n.language);
          return (
            <div key={stage.id} className={classes.reference}>
              <StageChip stage={stage} count={stages.length} small />
              {stage.references.slice(0, 2).map((photo) => (
                <UnstyledButton
                  key={photo.photo_id}
                  className={classes.thumb}
                  aria-label={t("enlarge", { stage: name })}
                  onClick={() => onEnlarge(photo.view_url, name)}
                >
                  <img src={photo.thumb_url} alt="" loading="lazy" />
                </UnstyledButton>
              ))}
              {stage.references.length === 0 ? (
                <div className={classes.noThumb}>{t("noReference")}</div>
              ) : null}
              <p className={classes.quiet}>{stageDescription(stage, i18n.language)}</p>
            </div>
          );
        })}
      </div>
    </Section>
  );
}

function About({ row }: { row: AdjudicationRow }) {
  const { t, i18n } = useTranslation("adjudicate");
  const rows: [string, string][] = [
    [t("about.place"), [row.site, row.plant].filter(Boolean).join(" · ")],
    [t("about.taken"), row.taken_at ? formatDate(row.taken_at, i18n.language) : ""],
    [t("about.number"), String(row.photo_id)],
  ];
  return (
    <Section title={t("about.title")}>
      <dl className={classes.about}>
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}
