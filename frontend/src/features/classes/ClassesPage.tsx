import { Alert, Button, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Classes, Project, ScaleMigration } from "@/api/types";
import { formatAgo, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError, Problem } from "@/ui/Problem";
import classes from "./ClassesPage.module.css";
import { Coarser } from "./Coarser";
import { DraftCard } from "./DraftCard";
import { FEWEST_PHOTOS, FEWEST_TWICE, lacks } from "./draft";
import { History } from "./History";
import { OrderCard } from "./OrderCard";
import { PairTable } from "./PairTable";
import { ProposalCard } from "./ProposalCard";

/** Which classes are told apart, what is proposed, and the change of the stages that waits for a decision. */
export function ClassesPage({ slug }: { slug: string }) {
  const { t } = useTranslation("classes");
  const project = useProject(slug);
  const seesReport = atLeast(project.role, "adjudicator");
  const migrations = useQuery(queries.scaleMigrations(slug));
  const report = useQuery({ ...queries.classes(slug), enabled: seesReport });
  return (
    <>
      <PageHeader
        title={t("title")}
        hint={seesReport ? t("hint") : t("hintExpert")}
        actions={atLeast(project.role, "admin") ? <Compute slug={slug} state={report.data?.state} /> : null}
      />
      {migrations.error ? (
        <Problem error={migrations.error} onRetry={() => void migrations.refetch()} />
      ) : null}
      {report.error ? <Problem error={report.error} onRetry={() => void report.refetch()} /> : null}
      {migrations.data && (report.data || !seesReport) ? (
        <Body project={project} migrations={migrations.data} report={report.data} />
      ) : (
        <Skeleton height={280} />
      )}
    </>
  );
}

function Compute({ slug, state }: { slug: string; state: Classes["state"] | undefined }) {
  const { t } = useTranslation("classes");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const compute = useMutation({
    mutationFn: () => api.post<void>(`/projects/${slug}/classes`),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.classes(slug).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const isBusy = state === "waiting" || state === "running";
  return (
    <Button loading={compute.isPending} disabled={isBusy} onClick={() => compute.mutate()}>
      {t("compute")}
    </Button>
  );
}

interface BodyProps {
  project: Project;
  migrations: readonly ScaleMigration[];
  /** Absent for experts. */
  report: Classes | undefined;
}

function Body({ project, migrations, report }: BodyProps) {
  const { t } = useTranslation("classes");
  const open = migrations.filter((it) => it.state === "draft" || it.state === "reported");
  const past = migrations.filter((it) => it.state === "applied" || it.state === "undone");
  const hasDraft = open.some((it) => it.state === "draft");
  return (
    <Stack gap="lg">
      {open.map((migration) => (
        <DraftCard key={migration.id} project={project} migration={migration} mapped={report?.mapped ?? []} />
      ))}
      {report ? <Report project={project} report={report} hasDraft={hasDraft} /> : null}
      {atLeast(project.role, "admin") && !hasDraft ? <OrderCard project={project} /> : null}
      {!report && open.length === 0 ? (
        <EmptyState icon="check" title={t("expert.title")}>
          {t("expert.body")}
        </EmptyState>
      ) : null}
      {past.length > 0 ? <History project={project} migrations={past} mapped={report?.mapped ?? []} /> : null}
    </Stack>
  );
}

function Report({ project, report, hasDraft }: { project: Project; report: Classes; hasDraft: boolean }) {
  const { t } = useTranslation("classes");
  const hasFigures = report.computed_at !== null && report.is_of_now && report.pairs.length > 0;
  return (
    <>
      <State report={report} />
      <Lacking report={report} />
      {hasFigures ? (
        <>
          <section aria-labelledby="proposals">
            <h2 id="proposals" className={classes.heading}>
              {t("proposals.title")}
            </h2>
            {report.proposals.length === 0 ? (
              <EmptyState icon="check" title={t("proposals.none")}>
                {t("proposals.noneBody")}
              </EmptyState>
            ) : (
              <Stack gap="lg">
                {report.proposals.map((proposal) => (
                  <ProposalCard
                    key={`${proposal.kind}${proposal.stages.join("-")}`}
                    project={project}
                    report={report}
                    proposal={proposal}
                    hasDraft={hasDraft}
                  />
                ))}
              </Stack>
            )}
          </section>
          <PairTable project={project} pairs={report.pairs} />
          <Coarser project={project} partitions={report.partitions} hasDraft={hasDraft} />
        </>
      ) : null}
    </>
  );
}

function State({ report }: { report: Classes }) {
  const { t, i18n } = useTranslation("classes");
  const { language } = i18n;
  const busy = report.state === "waiting" || report.state === "running" ? report.state : null;
  return (
    <div className={classes.state} role="status">
      {busy ? (
        <>
          <span>{t(`state.${busy}`, { share: formatPercent(report.progress, language) })}</span>
          <Progress value={report.progress * 100} aria-label={t("state.progress")} />
        </>
      ) : null}
      {report.state === "failed" ? (
        <Alert color="clay" variant="light" icon={<Icon name="warning" />} title={t("state.failed")}>
          <code className={classes.error}>{report.error}</code>
        </Alert>
      ) : null}
      {report.computed_at ? (
        <Text size="sm" c="dimmed">
          {report.is_of_now
            ? t("state.ready", {
                ago: formatAgo(report.computed_at, language),
                n: formatNumber(report.n_used, language),
                twice: formatNumber(report.n_twice, language),
              })
            : t("state.ofBefore")}
        </Text>
      ) : null}
    </div>
  );
}

/** What is needed before anything (more) can be said. */
function Lacking({ report }: { report: Classes }) {
  const { t } = useTranslation("classes");
  const missing = lacks(report);
  if (report.state !== "none" && missing.length === 0) return null;
  return (
    <Card title={report.state === "none" ? t("needs.first") : t("needs.title")}>
      <ul className={classes.needs}>
        {missing.map((what) => (
          <li key={what}>
            {t(`needs.${what}`, { photos: FEWEST_PHOTOS, twice: FEWEST_TWICE, have: report.n_twice })}
          </li>
        ))}
        {missing.length === 0 ? <li>{t("needs.nothing")}</li> : null}
      </ul>
    </Card>
  );
}
