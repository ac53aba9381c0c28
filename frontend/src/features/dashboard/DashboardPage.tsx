import { Alert, Button, Progress, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Dashboard } from "@/api/types";
import { formatAgo, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import { SeasonCoverage, SiteCoverage } from "./Coverage";
import classes from "./DashboardPage.module.css";
import { Pace } from "./Pace";
import { Plants } from "./Plants";
import { Quality } from "./Quality";
import { Steps } from "./Steps";

export interface DashboardPageProps {
  slug: string;
  /** Only plants that seem to go back. */
  flagged: boolean;
  onFlagged: (flagged: boolean) => void;
}

/** Where the project stands, for those who run it: what to do next, what is covered, how good, how fast. */
export function DashboardPage({ slug, flagged, onFlagged }: DashboardPageProps) {
  const { t } = useTranslation("dashboard");
  const project = useProject(slug);
  const page = useQuery(queries.dashboard(slug));
  const { data } = page;
  const hasFigures = data !== undefined && data.computed_at !== null && data.is_of_now;
  return (
    <>
      <PageHeader
        title={t("title")}
        hint={t("hint")}
        actions={atLeast(project.role, "admin") ? <Compute slug={slug} state={data?.state} /> : null}
      />
      {page.error ? <Problem error={page.error} onRetry={() => void page.refetch()} /> : null}
      {page.isPending ? <Skeleton height={320} /> : null}
      {data ? (
        <div className={classes.stack}>
          <State page={data} />
          {hasFigures ? (
            <>
              <div className={classes.columns}>
                <Steps project={project} page={data} />
                <Quality slug={slug} page={data} />
              </div>
              <div className={classes.columns}>
                <SiteCoverage project={project} page={data} />
                <SeasonCoverage project={project} page={data} />
              </div>
              <Plants project={project} page={data} flagged={flagged} onFlagged={onFlagged} />
              <Pace slug={slug} page={data} />
            </>
          ) : (
            <EmptyState icon="dashboard" title={t("none.title")}>
              {t("none.body")}
            </EmptyState>
          )}
        </div>
      ) : null}
    </>
  );
}

function Compute({ slug, state }: { slug: string; state: Dashboard["state"] | undefined }) {
  const { t } = useTranslation("dashboard");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const compute = useMutation({
    mutationFn: () => api.post<void>(`/projects/${slug}/dashboard`),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.dashboard(slug).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const isBusy = state === "waiting" || state === "running";
  return (
    <Button loading={compute.isPending} disabled={isBusy} onClick={() => compute.mutate()}>
      {t("compute")}
    </Button>
  );
}

/** As of when the figures are, and whether newer ones are on their way. */
function State({ page }: { page: Dashboard }) {
  const { t, i18n } = useTranslation("dashboard");
  const busy = page.state === "waiting" || page.state === "running" ? page.state : null;
  return (
    <div className={classes.state} role="status">
      {page.computed_at && page.is_of_now ? (
        <Text size="sm" c="dimmed">
          {t("state.ready", { ago: formatAgo(page.computed_at, i18n.language) })}
        </Text>
      ) : null}
      {busy ? (
        <>
          <span>{t(`state.${busy}`, { share: formatPercent(page.progress, i18n.language) })}</span>
          <Progress value={page.progress * 100} aria-label={t("state.progress")} />
        </>
      ) : null}
      {page.state === "failed" ? (
        <Alert color="clay" variant="light" icon={<Icon name="warning" />} title={t("state.failed")}>
          <code className={classes.error}>{page.error}</code>
        </Alert>
      ) : null}
    </div>
  );
}
