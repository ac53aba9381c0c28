import { Button, Center, Progress, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { TrainingRun } from "@/api/types";
import { formatAgo, formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { LinkAnchor } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { StateBadge } from "@/ui/StateBadge";
import { WorkersBanner } from "@/ui/WorkersBanner";
import { ForecastCard } from "./ForecastCard";
import { LearningCard } from "./LearningCard";
import classes from "./TrainingPage.module.css";

export function TrainingPage({ slug }: { slug: string }) {
  const { t } = useTranslation("training");
  const project = useProject(slug);
  const learning = useQuery(queries.learning(slug));
  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      <Stack gap="lg">
        {learning.error ? <Problem error={learning.error} onRetry={() => void learning.refetch()} /> : null}
        {learning.data ? (
          <>
            <WorkersBanner workers={learning.data.workers} />
            <LearningCard
              slug={slug}
              learning={learning.data}
              stages={project.scale.stages}
              mayTrain={atLeast(project.role, "admin")}
            />
          </>
        ) : learning.isPending ? (
          <Skeleton height={240} />
        ) : null}
        <ForecastCard slug={slug} stages={project.scale.stages} />
        <Runs slug={slug} />
      </Stack>
    </>
  );
}

function Runs({ slug }: { slug: string }) {
  const { t } = useTranslation("training");
  const runs = useInfiniteQuery(queries.runs(slug));
  const rows = runs.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Card title={t("runs.title")} flush>
      {runs.isPending ? <Skeleton height={120} m="md" /> : null}
      {runs.error ? <Problem error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {runs.isSuccess && rows.length === 0 ? (
        <EmptyState icon="training" title={t("runs.empty")}>
          {t("runs.emptyHint")}
        </EmptyState>
      ) : null}
      {rows.map((run) => (
        <RunRow key={run.id} slug={slug} run={run} />
      ))}
      {runs.hasNextPage ? (
        <Center p="md">
          <Button
            variant="default"
            loading={runs.isFetchingNextPage}
            onClick={() => void runs.fetchNextPage()}
          >
            {t("runs.more")}
          </Button>
        </Center>
      ) : null}
    </Card>
  );
}

function secondsOf(run: TrainingRun): number | null {
  if (!run.started_at || !run.finished_at) return null;
  return (new Date(run.finished_at).getTime() - new Date(run.started_at).getTime()) / 1000;
}

function RunRow({ slug, run }: { slug: string; run: TrainingRun }) {
  const { t, i18n } = useTranslation("training");
  const language = i18n.language;
  return (
    <article className={classes.run}>
      <div className={classes.who}>
        <LinkAnchor to="/p/$slug/training/$runId" params={{ slug, runId: String(run.id) }} fw={620}>
          {t("run.title", { id: run.id })}
        </LinkAnchor>
        <StateBadge state={run.state} label={t(`state.${run.state}`)} />
        <span className={classes.dim}>
          {t(`trigger.${run.trigger}`)}
          {run.requested_by ? ` · ${run.requested_by}` : ""} · {formatAgo(run.created_at, language)}
        </span>
      </div>
      {run.state === "running" ? (
        <Progress value={run.progress * 100} aria-label={t("run.progressOf", { id: run.id })} />
      ) : null}
      <div className={classes.numbers}>
        <span>{t("run.photos", { count: run.n_train, n: formatNumber(run.n_train, language) })}</span>
        {run.state === "running" ? (
          <span>{formatPercent(run.progress, language)}</span>
        ) : secondsOf(run) === null ? null : (
          <span>{formatDuration(secondsOf(run))}</span>
        )}
        {run.model_version ? (
          <LinkAnchor to="/p/$slug/models/$id" params={{ slug, id: run.model_version.id }} size="sm">
            {t("run.gave", {
              n: run.model_version.number,
              accuracy: formatPercent(run.model_version.accuracy, language, 1),
            })}
          </LinkAnchor>
        ) : null}
        {run.error ? <span className={classes.error}>{run.error}</span> : null}
      </div>
    </article>
  );
}
