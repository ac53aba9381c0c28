import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { stageAt, useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { LearningStatus, Project } from "@/api/types";
import { formatAgo, formatNumber, formatPercent } from "@/lib/format";
import { colorOf } from "@/lib/stages";
import { BarChart } from "@/ui/BarChart";
import { Card } from "@/ui/Card";
import { Icon, type IconName } from "@/ui/Icon";
import { LinkAnchor } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import { StatCard, StatRow } from "@/ui/StatCard";
import { WorkersBanner } from "@/ui/WorkersBanner";
import { DraftNotice } from "./DraftNotice";
import { type NextStep, nextSteps, type StepKey } from "./nextSteps";
import classes from "./OverviewPage.module.css";

export function OverviewPage({ slug }: { slug: string }) {
  const { i18n, t } = useTranslation("overview");
  const project = useProject(slug);
  const learning = useQuery(queries.learning(slug));
  const { counts } = project;
  const number = (value: number) => formatNumber(value, i18n.language);
  return (
    <>
      <PageHeader title={project.name} hint={project.description || null} />
      <div className={classes.stack}>
        {learning.data ? <WorkersBanner workers={learning.data.workers} /> : null}
        <DraftNotice slug={slug} />
        {learning.error ? <Problem error={learning.error} onRetry={() => void learning.refetch()} /> : null}
        <StatRow>
          <StatCard
            label={t("count.photos")}
            value={number(counts.photos)}
            note={
              counts.received > 0
                ? t("count.inProcess", { count: counts.received, n: number(counts.received) })
                : t("count.rejected", { count: counts.rejected, n: number(counts.rejected) })
            }
          />
          <StatCard
            label={t("count.consensus")}
            value={number(counts.consensus)}
            note={formatPercent(counts.ready > 0 ? counts.consensus / counts.ready : 0, i18n.language)}
          />
          <StatCard label={t("count.queue")} value={number(counts.queue_open)} note={t("count.queueNote")} />
          <StatCard
            label={t("count.accuracy")}
            value={formatPercent(learning.data?.promoted?.accuracy, i18n.language)}
            note={
              learning.data?.promoted
                ? t("count.onHeldOut", { n: number(learning.data.promoted.n_held_out) })
                : t("count.noModel")
            }
          />
        </StatRow>
        <div className={classes.columns}>
          <Coverage project={project} learning={learning.data ?? null} />
          <div className={classes.stack}>
            <Next project={project} learning={learning.data ?? null} />
            <Model slug={slug} learning={learning.data ?? null} isPending={learning.isPending} />
          </div>
        </div>
      </div>
    </>
  );
}

function Coverage({ project, learning }: { project: Project; learning: LearningStatus | null }) {
  const { t, i18n } = useTranslation("overview");
  const { stages } = project.scale;
  const kept = learning?.held_out_labelled ?? 0;
  const hint = kept > 0 ? `${t("coverage.hint")} ${t("coverage.kept", { count: kept })}` : t("coverage.hint");
  return (
    <Card title={t("coverage.title")} hint={hint}>
      {learning ? (
        <BarChart
          label={t("coverage.title")}
          bars={learning.labels_by_stage.flatMap((value, position) => {
            const stage = stageAt(stages, position);
            if (!stage) return [];
            return {
              key: position,
              label: <StageChip stage={stage} count={stages.length} />,
              value,
              text: formatNumber(value, i18n.language),
              color: colorOf(stage, stages.length),
            };
          })}
        />
      ) : (
        <Skeleton height={stages.length * 30} />
      )}
    </Card>
  );
}

const STEP_LINKS: Record<StepKey, { to: string; icon: IconName }> = {
  workers: { to: "/p/$slug/training", icon: "warning" },
  import: { to: "/p/$slug/import", icon: "import" },
  wait: { to: "/p/$slug/photos", icon: "photos" },
  adjudicate: { to: "/p/$slug/adjudicate", icon: "adjudicate" },
  review: { to: "/p/$slug/review", icon: "review" },
  train: { to: "/p/$slug/training", icon: "training" },
  invite: { to: "/p/$slug/people", icon: "people" },
};

function Next({ project, learning }: { project: Project; learning: LearningStatus | null }) {
  const { t } = useTranslation("overview");
  const steps = nextSteps(project.role, project.counts, learning);
  return (
    <Card title={t("next.title")}>
      {steps.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t("next.nothing")}
        </Text>
      ) : (
        <ol className={classes.steps}>
          {steps.map((step) => (
            <Step key={step.key} slug={project.slug} step={step} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function Step({ slug, step }: { slug: string; step: NextStep }) {
  const { t } = useTranslation("overview");
  const { to, icon } = STEP_LINKS[step.key];
  return (
    <li>
      <Link to={to} params={{ slug }} className={classes.step}>
        <span className={classes.stepIcon}>
          <Icon name={icon} />
        </span>
        <span className={classes.stepText}>
          <strong>{t(`next.${step.key}.title`)}</strong>
          <span>{t(`next.${step.key}.body`, { count: step.count })}</span>
        </span>
        <Icon name="chevron" size={18} />
      </Link>
    </li>
  );
}

interface ModelProps {
  slug: string;
  learning: LearningStatus | null;
  isPending: boolean;
}

function Model({ slug, learning, isPending }: ModelProps) {
  const { t, i18n } = useTranslation("overview");
  if (isPending) return <Skeleton height={140} />;
  if (!learning) return null;
  const { promoted, last_refresh: refresh, active_run: run } = learning;
  return (
    <Card title={t("model.title")}>
      <dl className={classes.facts}>
        <dt>{t("model.inUse")}</dt>
        <dd>
          {promoted ? (
            <LinkAnchor to="/p/$slug/models/$id" params={{ slug, id: promoted.id }} size="sm">
              {t("model.version", { n: promoted.number })}
            </LinkAnchor>
          ) : (
            t("model.none")
          )}
        </dd>
        <dt>{t("model.since")}</dt>
        <dd>{t("model.labels", { count: learning.labels_since_training })}</dd>
        <dt>{t("model.refresh")}</dt>
        <dd>{refresh ? formatAgo(refresh.finished_at, i18n.language) : t("model.never")}</dd>
        {run ? (
          <>
            <dt>{t("model.running")}</dt>
            <dd>
              <LinkAnchor to="/p/$slug/training/$runId" params={{ slug, runId: String(run.id) }} size="sm">
                {formatPercent(run.progress, i18n.language)}
              </LinkAnchor>
            </dd>
          </>
        ) : null}
      </dl>
    </Card>
  );
}
