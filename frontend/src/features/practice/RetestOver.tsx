import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import { retestQueries } from "@/api/retest";
import type { Interval, Project, RetestDifference, RetestRound, RetestStanding, Stage } from "@/api/types";
import { formatDate, formatPercent } from "@/lib/format";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { useRange } from "@/ui/Interval";
import { LinkButton } from "@/ui/links";
import { Problem } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import { StatCard, StatRow } from "@/ui/StatCard";
import classes from "./Retest.module.css";
import type { Retesting } from "./useRetest";

interface OverProps {
  project: Project;
  retest: Retesting;
  standing: RetestStanding;
}

/** Between two rounds: how the last one went, and the next one or when it can be. */
export function RetestOver({ project, retest, standing }: OverProps) {
  const { slug } = project;
  const last = useQuery(retestQueries.last(slug));
  if (last.isPending) return <Skeleton height={320} width="100%" />;
  if (last.error) return <Problem error={last.error} onRetry={() => void last.refetch()} />;
  const round = last.data.last;
  if (!round) return <First slug={slug} retest={retest} standing={standing} />;
  return (
    <div className={classes.result}>
      <Result project={project} round={round} />
      <Next slug={slug} retest={retest} standing={standing} />
    </div>
  );
}

function Begin({ retest, standing }: { retest: Retesting; standing: RetestStanding }) {
  const { t } = useTranslation("retest");
  return (
    <Button loading={retest.open.isPending} onClick={() => retest.open.mutate()}>
      {t("begin", { count: Math.min(standing.n_askable, standing.n_wanted) })}
    </Button>
  );
}

function First({ slug, retest, standing }: { slug: string; retest: Retesting; standing: RetestStanding }) {
  const { t, i18n } = useTranslation("retest");
  if (standing.n_askable > 0) {
    return (
      <EmptyState icon="agreement" title={t("first.title")} action={<Begin {...{ retest, standing }} />}>
        {t("first.body")}
      </EmptyState>
    );
  }
  const at = standing.next_at;
  return (
    <EmptyState
      icon="agreement"
      title={t("none.title")}
      action={
        <LinkButton to="/p/$slug/review" params={{ slug }}>
          {t("none.review")}
        </LinkButton>
      }
    >
      {at ? t("none.until", { date: formatDate(at, i18n.language) }) : t("none.body")}
    </EmptyState>
  );
}

function Next({ slug, retest, standing }: { slug: string; retest: Retesting; standing: RetestStanding }) {
  const { t, i18n } = useTranslation("retest");
  const at = standing.next_at;
  return (
    <div className={classes.next}>
      {standing.n_askable > 0 ? <Begin retest={retest} standing={standing} /> : null}
      <LinkButton variant="default" to="/p/$slug/agreement" params={{ slug }}>
        {t("toAgreement")}
      </LinkButton>
      {standing.n_askable === 0 && at ? (
        <p className={classes.quiet}>{t("again", { date: formatDate(at, i18n.language) })}</p>
      ) : null}
    </div>
  );
}

function Result({ project, round }: { project: Project; round: RetestRound }) {
  const { t, i18n } = useTranslation("retest");
  const { figures, differences } = round;
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      <h2 className={classes.title}>
        {t("over", {
          same: (figures.exact?.n ?? 0) - differences.length,
          n: figures.exact?.n ?? 0,
        })}
      </h2>
      <p className={classes.quiet}>{t("overHint", { date: formatDate(round.finished_at, i18n.language) })}</p>
      <StatRow>
        {(["exact", "within_one", "clear", "boundary"] as const).map((name) => (
          <Figure key={name} name={name} interval={figures[name]} />
        ))}
      </StatRow>
      {differences.length > 0 ? (
        <Card
          title={t("differences.title", { count: differences.length })}
          hint={t("differences.hint")}
          actions={
            isShown ? null : (
              <Button variant="default" onClick={() => setIsShown(true)}>
                {t("differences.show")}
              </Button>
            )
          }
        >
          {isShown ? (
            <ul className={classes.differences}>
              {differences.map((it) => (
                <Difference key={it.photo_id} difference={it} project={project} />
              ))}
            </ul>
          ) : null}
        </Card>
      ) : null}
    </>
  );
}

function Figure({
  name,
  interval,
}: {
  name: "exact" | "within_one" | "clear" | "boundary";
  interval: Interval | null;
}) {
  const { t, i18n } = useTranslation("retest");
  const range = useRange(true);
  if (!interval) return null;
  return (
    <StatCard
      label={t(`figure.${name}`)}
      value={formatPercent(interval.value, i18n.language)}
      note={`${range(interval)} · ${t("photos", { count: interval.n })}`}
    />
  );
}

function Difference({ difference, project }: { difference: RetestDifference; project: Project }) {
  const { t, i18n } = useTranslation("retest");
  const { stages } = project.scale;
  const now =
    difference.kind === "cannot_tell"
      ? []
      : [difference.stage, ...(difference.kind === "between" ? [difference.stage_upper] : [])];
  return (
    <li className={classes.difference}>
      <img src={difference.view_url} alt={t("photo", { id: difference.photo_id })} loading="lazy" />
      <dl>
        <dt>{t("then", { date: formatDate(difference.first_answered_at, i18n.language) })}</dt>
        <dd>
          <Named position={difference.first} stages={stages} />
        </dd>
        <dt>{t("now")}</dt>
        <dd>
          {difference.kind === "cannot_tell" ? t("cannotTell") : null}
          {now.map((position, place) => (
            <Named key={place === 0 ? "lower" : "upper"} position={position} stages={stages} />
          ))}
        </dd>
      </dl>
    </li>
  );
}

/** A stage as it is on the scale in use; stages that were taken off it have no name there. */
function Named({ position, stages }: { position: number | null; stages: readonly Stage[] }) {
  const { t } = useTranslation("retest");
  const stage = stageAt(stages, position);
  return stage ? <StageChip stage={stage} count={stages.length} small /> : <span>{t("gone")}</span>;
}
