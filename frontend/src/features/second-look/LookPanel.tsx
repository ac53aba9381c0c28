import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { Opinion, Project, SecondLookReason, SecondLookRow, Stage } from "@/api/types";
import { formatDate, formatDateTime, formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { LinkAnchor } from "@/ui/links";
import { ProbBars } from "@/ui/ProbBars";
import { StageChip, StageDot } from "@/ui/StageChip";
import { alsoAgainst } from "./doubt";
import classes from "./LookPanel.module.css";

const NEIGHBOURS = 6;

interface LookProps {
  project: Project;
  row: SecondLookRow;
}

/** Why the label is doubted, what the model sees, what the experts said. */
export function LookPanel({ project, row }: LookProps) {
  const { t, i18n } = useTranslation("secondLook");
  const { stages } = project.scale;
  const label = stageAt(stages, row.label_position);
  const suggested = stageAt(stages, row.suggested_position);
  if (!label || !suggested) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <aside className={classes.panel} tabIndex={0} aria-label={t("panel")}>
      <Section title={t("why")}>
        <div className={classes.versus}>
          <span>
            <small>{t("label")}</small>
            <StageChip stage={label} count={stages.length} />
          </span>
          <span>
            <small>{t("suggested")}</small>
            <StageChip stage={suggested} count={stages.length} />
          </span>
        </div>
        <p className={classes.because}>
          <Because reason={row.reason} row={row} label={label} suggested={suggested} />
        </p>
        <Also row={row} label={label} suggested={suggested} />
        <Standing project={project} row={row} />
      </Section>
      {row.probabilities.length === stages.length ? (
        <Section title={t("model")} hint={t("modelHint")}>
          <ProbBars stages={stages} probabilities={row.probabilities} best={best(row.probabilities)} />
        </Section>
      ) : null}
      <Section title={t("opinions")}>
        {row.opinions.length === 0 ? <p className={classes.quiet}>{t("noOpinions")}</p> : null}
        <ul className={classes.opinions}>
          {row.opinions.map((opinion) => (
            <OpinionRow key={opinion.label} opinion={opinion} stages={stages} />
          ))}
        </ul>
      </Section>
      <Neighbours project={project} row={row} />
      <p className={classes.about}>
        {[
          row.site,
          row.plant,
          row.taken_at ? formatDate(row.taken_at, i18n.language) : "",
          t("photo", { id: row.photo_id }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </aside>
  );
}

const best = (probabilities: readonly number[]) => probabilities.indexOf(Math.max(...probabilities));

function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h2 id={id} className={classes.title}>
        {title}
      </h2>
      {hint ? <p className={classes.quiet}>{hint}</p> : null}
      {children}
    </section>
  );
}

interface BecauseProps {
  reason: SecondLookReason;
  row: SecondLookRow;
  label: Stage;
  suggested: Stage;
}

/** A reason in plain words. */
function Because({ reason, row, label, suggested }: BecauseProps) {
  const { t, i18n } = useTranslation("secondLook");
  const share = (position: number) => formatPercent(row.probabilities[position], i18n.language);
  return t(`because.${reason}`, {
    label: stageName(label, i18n.language),
    suggested: stageName(suggested, i18n.language),
    p: share(suggested.position),
    q: share(label.position),
  });
}

function Also({ row, label, suggested }: Omit<BecauseProps, "reason">) {
  const { t } = useTranslation("secondLook");
  const others = alsoAgainst(row);
  if (others.length === 0 && !row.is_flagged) return null;
  return (
    <ul className={classes.also}>
      {others.map((reason) => (
        <li key={reason}>
          <Because reason={reason} row={row} label={label} suggested={suggested} />
        </li>
      ))}
      {row.is_flagged ? <li>{t("flagged")}</li> : null}
    </ul>
  );
}

/** What is special about the label: known by decree, settled by an adjudicator, used for measuring. */
function Standing({ project, row }: LookProps) {
  const { t } = useTranslation("secondLook");
  if (!row.is_gold && !row.is_adjudicated && !row.is_held_out) return null;
  return (
    <div className={classes.standing}>
      {row.is_gold ? (
        <p>
          {t("gold")}{" "}
          <LinkAnchor
            inherit
            to="/p/$slug/photos"
            params={{ slug: project.slug }}
            search={{ photo: row.photo_id }}
          >
            {t("openPhoto")}
          </LinkAnchor>
        </p>
      ) : null}
      {row.is_adjudicated ? <p>{t("adjudicated")}</p> : null}
      {row.is_held_out ? <p>{t("heldOut")}</p> : null}
    </div>
  );
}

function OpinionRow({ opinion, stages }: { opinion: Opinion; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("secondLook");
  const { t: tPhotos } = useTranslation("photos");
  const lower = stageAt(stages, opinion.stage_position);
  const upper = stageAt(stages, opinion.stage_upper_position);
  return (
    <li>
      <b className={classes.letter}>{opinion.label.split(" ").at(-1)}</b>
      <span className={classes.answer}>
        {lower ? <StageChip stage={lower} count={stages.length} small /> : tPhotos(`kind.${opinion.kind}`)}
        {upper ? (
          <>
            <span className={classes.quiet}>{t("and")}</span>
            <StageChip stage={upper} count={stages.length} small />
          </>
        ) : null}
        {opinion.note ? <span className={classes.note}>{opinion.note}</span> : null}
      </span>
      <time className={classes.quiet} dateTime={opinion.decided_at}>
        {formatDateTime(opinion.decided_at, i18n.language)}
      </time>
    </li>
  );
}

/** Photos already decided that look most like this one. */
function Neighbours({ project, row }: LookProps) {
  const { t, i18n } = useTranslation("secondLook");
  const { stages } = project.scale;
  const { data } = useQuery(queries.neighboursOf(project.slug, row.photo_id, NEIGHBOURS));
  if (!data || data.items.length === 0) return null;
  return (
    <Section title={t("neighbours")}>
      <ul className={classes.neighbours}>
        {data.items.map((item) => {
          const stage = stageAt(stages, item.stage_position);
          return (
            <li key={item.photo_id}>
              <img
                src={item.thumb_url}
                alt={stage ? stageName(stage, i18n.language) : t("noLabel")}
                loading="lazy"
              />
              <span className={classes.under}>
                {stage ? <StageDot stage={stage} count={stages.length} small /> : null}
                <span className={classes.quiet}>{formatPercent(item.similarity, i18n.language)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
