import { Button, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useProject } from "@/api/project";
import type { EvaluationReport, Project, ReportSubset } from "@/api/types";
import { formatDateTime } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LinkAnchor, LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { Answering, Conformal, Reliability } from "./confidence";
import { useWriting } from "./figures";
import { Boundaries, Figures, Labels } from "./measures";
import { Flips, Receipt, Specialists } from "./outcome";
import classes from "./report.module.css";
import { cardOf, reportOf } from "./reportQuery";

/** All that was measured of one version; what the model's own page shows is not repeated. */
export function ReportPage({ slug, id }: { slug: string; id: string }) {
  const { t, i18n } = useTranslation("report");
  const project = useProject(slug);
  const report = useQuery(reportOf(slug, id));
  const isMissing = report.error instanceof ApiError && report.error.code === "report_not_found";
  const number = report.data?.version.number;
  return (
    <>
      <PageHeader
        title={number === undefined ? t("pageTitle") : t("title", { n: number })}
        hint={report.data ? t("hint", { when: formatDateTime(report.data.created_at, i18n.language) }) : null}
        back={
          <LinkAnchor to="/p/$slug/models/$id" params={{ slug, id }} size="sm">
            {number === undefined ? t("backPlain") : t("back", { n: number })}
          </LinkAnchor>
        }
        actions={
          report.data ? (
            <Button
              component="a"
              href={cardOf(slug, id, i18n.language)}
              download
              variant="default"
              leftSection={<Icon name="import" size={18} />}
            >
              {t("card")}
            </Button>
          ) : null
        }
      />
      {report.isPending ? (
        <Stack gap="lg">
          <Skeleton height={320} />
          <Skeleton height={260} />
        </Stack>
      ) : null}
      {isMissing ? (
        <EmptyState
          icon="models"
          title={t("missing")}
          action={
            <LinkButton to="/p/$slug/training" params={{ slug }}>
              {t("toTraining")}
            </LinkButton>
          }
        >
          {t("missingHint")}
        </EmptyState>
      ) : report.error ? (
        <Problem error={report.error} onRetry={() => void report.refetch()} />
      ) : null}
      {report.data ? <Detail project={project} report={report.data} /> : null}
    </>
  );
}

const SUBSETS = ["held_out", "out_of_fold"] as const;
type Subset = (typeof SUBSETS)[number];

function Detail({ project, report }: { project: Project; report: EvaluationReport }) {
  const { t } = useTranslation("report");
  const { number } = useWriting();
  const there = SUBSETS.filter((name) => report.subsets[name]);
  const [wanted, setWanted] = useState<Subset>("held_out");
  const name = there.includes(wanted) ? wanted : there[0];
  const subset = name ? report.subsets[name] : undefined;
  return (
    <Stack gap="lg">
      {name && subset ? (
        <>
          <div>
            {there.length > 1 ? (
              <SegmentedControl
                aria-label={t("measuredOn")}
                value={name}
                onChange={(value) => setWanted(value === "out_of_fold" ? "out_of_fold" : "held_out")}
                data={there.map((value) => ({ value, label: t(`subset.${value}`) }))}
              />
            ) : null}
            <Text size="sm" c="dimmed" mt={6}>
              {t(`subset.hint.${name}`, { n: number(subset.n, 0), groups: number(subset.n_groups, 0) })}
            </Text>
          </div>
          <Measured project={project} subset={subset} />
        </>
      ) : (
        <Text c="dimmed">{t("none")}</Text>
      )}
      <Specialists report={report} stages={project.scale.stages} />
      <Receipt report={report} />
    </Stack>
  );
}

function Measured({ project, subset }: { project: Project; subset: ReportSubset }) {
  const { slug } = project;
  const { stages } = project.scale;
  return (
    <>
      <Figures subset={subset} />
      <Labels subset={subset} />
      <Boundaries subset={subset} stages={stages} />
      <div className={classes.columns}>
        <Reliability subset={subset} />
        <Answering subset={subset} />
      </div>
      <Conformal subset={subset} stages={stages} />
      <Flips slug={slug} subset={subset} stages={stages} />
    </>
  );
}
