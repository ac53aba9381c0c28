import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { LearningStatus, Stage, TrainingRun } from "@/api/types";
import { formatAgo, formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { colorOf } from "@/lib/stages";
import { BarChart } from "@/ui/BarChart";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import classes from "./TrainingPage.module.css";

export interface LearningCardProps {
  slug: string;
  learning: LearningStatus;
  stages: readonly Stage[];
  mayTrain: boolean;
}

/** What there is to learn from, and the button that starts. */
export function LearningCard({ slug, learning, stages, mayTrain }: LearningCardProps) {
  const { t, i18n } = useTranslation("training");
  const language = i18n.language;
  const number = (value: number) => formatNumber(value, language);
  const { last_refresh: refresh } = learning;
  return (
    <Card title={t("learning.title")} hint={t("learning.hint")}>
      <div className={classes.learning}>
        <BarChart
          label={t("learning.byStage")}
          bars={learning.labels_by_stage.flatMap((value, position) => {
            const stage = stageAt(stages, position);
            if (!stage) return [];
            return {
              key: position,
              label: <StageChip stage={stage} count={stages.length} />,
              value,
              text: number(value),
              color: colorOf(stage, stages.length),
            };
          })}
        />
        <dl className={classes.facts}>
          <dt>{t("learning.labels")}</dt>
          <dd>{number(learning.labels)}</dd>
          <dt>{t("learning.fresh")}</dt>
          <dd>{number(learning.labels_since_training)}</dd>
          <dt>{t("learning.heldOut")}</dt>
          <dd>{number(learning.held_out_labelled)}</dd>
          <dt>{t("learning.pool")}</dt>
          <dd>{number(learning.pool)}</dd>
          <dt>{t("learning.embedded")}</dt>
          <dd>{number(learning.embedded)}</dd>
          <dt>{t("learning.refresh")}</dt>
          <dd>{refresh ? formatAgo(refresh.finished_at, language) : t("learning.never")}</dd>
          {refresh ? (
            <dd className={classes.note}>
              {t("learning.refreshNote", {
                seconds: formatDuration(refresh.seconds),
                scored: number(refresh.n_scored),
                accuracy: formatPercent(refresh.accuracy, language),
              })}
            </dd>
          ) : null}
        </dl>
      </div>
      {mayTrain ? <Start slug={slug} learning={learning} /> : null}
    </Card>
  );
}

/** Why no training can start now; null when it can. */
function useBlocked(learning: LearningStatus): string | null {
  const { t } = useTranslation("training");
  if (learning.active_run) return t("blocked.active", { id: learning.active_run.id });
  if (learning.can_train) return null;
  if (learning.labels_until_training > 0) {
    return t("blocked.labels", { count: learning.labels_until_training });
  }
  return learning.blocked_message || t("blocked.other");
}

function Start({ slug, learning }: { slug: string; learning: LearningStatus }) {
  const { t } = useTranslation("training");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const navigate = useNavigate();
  const blocked = useBlocked(learning);
  const refresh = useMutation({
    mutationFn: () => api.post<LearningStatus>(`/projects/${slug}/refresh`),
    onSuccess: (status) => {
      client.setQueryData(queries.learning(slug).queryKey, status);
      notifyDone(t("learning.refreshStarted"));
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const start = useMutation({
    mutationFn: (force: boolean) =>
      api.post<TrainingRun>(`/projects/${slug}/training-runs`, force ? { force: true } : {}),
    onSuccess: async (run) => {
      await client.invalidateQueries({ queryKey: queries.project(slug).queryKey });
      await navigate({ to: "/p/$slug/training/$runId", params: { slug, runId: String(run.id) } });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === "nothing_new") {
        askToConfirm({
          title: t("force.title"),
          body: t("force.body"),
          confirm: t("force.confirm"),
          cancel: t("force.cancel"),
          onConfirm: () => start.mutate(true),
        });
      } else {
        notifyFailed(describeError(error, tErrors));
      }
    },
  });
  return (
    <div className={classes.start}>
      <Button
        leftSection={<Icon name="play" size={18} />}
        disabled={blocked !== null}
        loading={start.isPending}
        onClick={() => start.mutate(false)}
      >
        {t("learning.start")}
      </Button>
      <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
        {t("learning.refreshNow")}
      </Button>
      {blocked ? <p className={classes.why}>{blocked}</p> : null}
    </div>
  );
}
