import { Alert, Button, Progress, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { stageAt, useProject } from "@/api/project";
import { isActive, queries } from "@/api/queries";
import type { Stage, TrainingRun, TrainingRunDetail } from "@/api/types";
import { formatDateTime, formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { colorOf } from "@/lib/stages";
import { BarChart } from "@/ui/BarChart";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { LinkAnchor } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import { StateBadge } from "@/ui/StateBadge";
import { WorkersBanner } from "@/ui/WorkersBanner";
import { Members } from "./Members";
import { RunLog } from "./RunLog";
import classes from "./RunPage.module.css";

export function RunPage({ slug, runId }: { slug: string; runId: number }) {
  const { t } = useTranslation("training");
  const project = useProject(slug);
  const run = useQuery(queries.run(slug, runId));
  const learning = useQuery(queries.learning(slug));
  return (
    <>
      <PageHeader
        title={t("run.title", { id: runId })}
        back={
          <LinkAnchor to="/p/$slug/training" params={{ slug }} size="sm">
            {t("title")}
          </LinkAnchor>
        }
        actions={
          run.data && isActive(run.data.state) && atLeast(project.role, "admin") ? (
            <CancelButton slug={slug} run={run.data} />
          ) : null
        }
      />
      {run.error ? <Problem error={run.error} onRetry={() => void run.refetch()} /> : null}
      {run.isPending ? <Skeleton height={260} /> : null}
      {run.data ? (
        <Stack gap="lg">
          {learning.data && isActive(run.data.state) ? (
            <WorkersBanner workers={learning.data.workers.filter((worker) => worker.queue === "train")} />
          ) : null}
          <Status slug={slug} run={run.data} />
          <Members curves={run.data.curves} />
          <div className={classes.columns}>
            <Data run={run.data} stages={project.scale.stages} />
            <RunLog lines={run.data.log} />
          </div>
        </Stack>
      ) : null}
    </>
  );
}

function CancelButton({ slug, run }: { slug: string; run: TrainingRunDetail }) {
  const { t } = useTranslation("training");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.post<TrainingRun>(`/projects/${slug}/training-runs/${run.id}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: queries.run(slug, run.id).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const ask = () =>
    askToConfirm({
      title: t("cancel.title"),
      body: t("cancel.body"),
      confirm: t("cancel.confirm"),
      cancel: t("cancel.keep"),
      isDangerous: true,
      onConfirm: () => cancel.mutate(),
    });
  return (
    <Button
      variant="default"
      leftSection={<Icon name="stop" size={18} />}
      disabled={run.cancel_requested}
      loading={cancel.isPending}
      onClick={ask}
    >
      {run.cancel_requested ? t("cancel.asked") : t("cancel.button")}
    </Button>
  );
}

function Status({ slug, run }: { slug: string; run: TrainingRunDetail }) {
  const { t, i18n } = useTranslation("training");
  const language = i18n.language;
  const version = run.model_version;
  return (
    <Card>
      <div className={classes.status}>
        <StateBadge state={run.state} label={t(`state.${run.state}`)} />
        <strong className={classes.step}>{run.step}</strong>
        <span className={classes.eta} role="status">
          {run.state === "running" && run.eta_seconds !== null
            ? t("run.eta", { time: formatDuration(run.eta_seconds) })
            : null}
          {run.state === "queued" && run.queue_position !== null
            ? t("run.place", { n: run.queue_position })
            : null}
        </span>
      </div>
      {isActive(run.state) ? (
        <div className={classes.progress}>
          <Progress value={run.progress * 100} size="lg" aria-label={t("run.progressOf", { id: run.id })} />
          <span className={classes.percent}>{formatPercent(run.progress, language)}</span>
        </div>
      ) : null}
      {run.error ? (
        <Alert color="clay" mt="md" title={t("run.failed")}>
          {run.error}
        </Alert>
      ) : null}
      {version ? (
        <Alert color="brand" mt="md" title={t("run.result", { n: version.number })}>
          {t("run.resultBody", {
            accuracy: formatPercent(version.accuracy, language, 1),
            mae: formatNumber(version.mae, language, 2),
            n: formatNumber(version.n_held_out, language),
          })}{" "}
          <LinkAnchor to="/p/$slug/models/$id" params={{ slug, id: version.id }}>
            {t("run.open")}
          </LinkAnchor>
          {" · "}
          <LinkAnchor to="/p/$slug/models/$id/report" params={{ slug, id: version.id }}>
            {t("run.report")}
          </LinkAnchor>
        </Alert>
      ) : null}
      <dl className={classes.facts}>
        <Fact label={t("fact.started")} value={formatDateTime(run.started_at, language)} />
        <Fact label={t("fact.finished")} value={formatDateTime(run.finished_at, language)} />
        <Fact label={t("fact.worker")} value={run.worker || "–"} />
        <Fact label={t("fact.device")} value={run.device || "–"} />
        <Fact label={t("fact.by")} value={run.requested_by || t(`trigger.${run.trigger}`)} />
        <Fact label={t("fact.attempts")} value={formatNumber(run.attempts, language)} />
      </dl>
    </Card>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Data({ run, stages }: { run: TrainingRunDetail; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("training");
  return (
    <Card
      title={t("data.title")}
      hint={t("data.hint", {
        train: formatNumber(run.n_train, i18n.language),
        held: formatNumber(run.n_held_out, i18n.language),
      })}
    >
      <BarChart
        label={t("data.title")}
        bars={run.stage_counts.flatMap((value, position) => {
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
    </Card>
  );
}
