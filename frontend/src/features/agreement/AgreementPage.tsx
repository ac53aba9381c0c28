import { Alert, Button, Group, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { API_ROOT, api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Agreement, Project } from "@/api/types";
import { formatAgo, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LinkButton } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import classes from "./AgreementPage.module.css";
import { Annotators } from "./Annotators";
import { Boundaries, Meaning, Overall, Trend } from "./figures";
import { SelfAgreement } from "./SelfAgreement";

/** How far the experts agree, and how good each is: an expert sees themself, an adjudicator all. */
export function AgreementPage({ slug }: { slug: string }) {
  const { t } = useTranslation("agreement");
  const project = useProject(slug);
  const report = useQuery(queries.agreement(slug));
  const seesAll = atLeast(project.role, "adjudicator");
  return (
    <>
      <PageHeader
        title={t("title")}
        hint={seesAll ? t("hintAll") : t("hintOwn")}
        actions={seesAll ? <Actions slug={slug} state={report.data?.state} /> : null}
      />
      {report.isPending ? <Loading /> : null}
      {report.error ? <Problem error={report.error} onRetry={() => void report.refetch()} /> : null}
      {report.data ? <Report project={project} report={report.data} /> : null}
    </>
  );
}

function Loading() {
  return (
    <Stack gap="lg">
      <Skeleton height={96} />
      <Skeleton height={320} />
    </Stack>
  );
}

function Actions({ slug, state }: { slug: string; state: Agreement["state"] | undefined }) {
  const { t } = useTranslation("agreement");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => api.post<void>(`/projects/${slug}/agreement/refresh`),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.agreement(slug).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const href = (format: string) => `${API_ROOT}/projects/${slug}/history/export?format=${format}`;
  return (
    <>
      {(["csv", "jsonl"] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={href(format)}
          download
          variant="default"
          leftSection={<Icon name="down" size={16} />}
          title={t("export.hint")}
        >
          {t(`export.${format}`)}
        </Button>
      ))}
      <Button loading={refresh.isPending} disabled={state === "computing"} onClick={() => refresh.mutate()}>
        {t("refresh")}
      </Button>
    </>
  );
}

function Report({ project, report }: { project: Project; report: Agreement }) {
  const hasFigures = report.computed_at !== null;
  return (
    <Stack gap="lg">
      <State report={report} role={project.role} slug={project.slug} />
      {hasFigures && report.n_photos_overlap === 0 ? <NoOverlap project={project} /> : null}
      {hasFigures && report.n_photos_overlap > 0 ? (
        <>
          <Overall report={report} />
          <Boundaries report={report} scale={project.scale} />
        </>
      ) : null}
      {hasFigures && report.annotators.length > 0 ? (
        <Annotators annotators={report.annotators} project={project} />
      ) : null}
      <SelfAgreement project={project} />
      {hasFigures && report.trend.length > 0 ? <Trend weeks={report.trend} /> : null}
      {hasFigures ? <Meaning isOrdered={project.scale.is_ordered} /> : null}
    </Stack>
  );
}

/** Where the figures come from, and whether newer ones are on their way. */
function State({ report, role, slug }: { report: Agreement; role: Project["role"]; slug: string }) {
  const { t, i18n } = useTranslation("agreement");
  const { language } = i18n;
  const { state, computed_at: at, progress } = report;
  if (state === "none") return <Nothing slug={slug} role={role} />;
  return (
    <div className={classes.state} role="status">
      {state === "computing" ? (
        <div className={classes.computing}>
          <span>{t("state.computing", { share: formatPercent(progress, language) })}</span>
          <Progress value={progress * 100} aria-label={t("state.progress")} />
        </div>
      ) : null}
      {state === "failed" ? (
        <Alert color="clay" variant="light" icon={<Icon name="warning" />} title={t("state.failed")}>
          {at === null ? t("state.failedFirst") : t("state.failedKept")}
          {report.error ? <code className={classes.error}>{report.error}</code> : null}
        </Alert>
      ) : null}
      {at === null ? null : (
        <Text size="sm" c="dimmed">
          {t("state.ready", {
            ago: formatAgo(at, language),
            n: formatNumber(report.n_annotations, language),
            overlap: formatNumber(report.n_photos_overlap, language),
          })}
          {report.is_stale && state === "ready" ? ` ${t("state.stale")}` : ""}
        </Text>
      )}
    </div>
  );
}

function Nothing({ slug, role }: { slug: string; role: Project["role"] }) {
  const { t } = useTranslation("agreement");
  return (
    <EmptyState
      icon="agreement"
      title={t("none.title")}
      action={
        <Group justify="center">
          <LinkButton to="/p/$slug/review" params={{ slug }}>
            {t("none.review")}
          </LinkButton>
        </Group>
      }
    >
      {t("none.body")}
      {atLeast(role, "adjudicator") ? ` ${t("none.refresh")}` : ""}
    </EmptyState>
  );
}

/** Figures of single experts may exist, but nobody answered the same photo as somebody else. */
function NoOverlap({ project }: { project: Project }) {
  const { t } = useTranslation("agreement");
  return (
    <EmptyState
      icon="agreement"
      title={t("overlap.title")}
      action={
        atLeast(project.role, "admin") ? (
          <LinkButton to="/p/$slug/settings" params={{ slug: project.slug }} variant="default">
            {t("overlap.settings")}
          </LinkButton>
        ) : null
      }
    >
      {t("overlap.body", { count: project.labels_wanted })}
    </EmptyState>
  );
}
