import { SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { ModelVersionDetail, Project } from "@/api/types";
import { formatDateTime, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { ConfusionMatrix } from "@/ui/ConfusionMatrix";
import { LinkAnchor, LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { StatCard, StatRow } from "@/ui/StatCard";
import { StateBadge } from "@/ui/StateBadge";
import { ExportCard } from "./ExportCard";
import { PromoteButton } from "./PromoteButton";
import { ShadowCard } from "./ShadowCard";
import { MemberTable, StageTable } from "./tables";

type Subset = "held_out" | "out_of_fold";

export function ModelPage({ slug, id }: { slug: string; id: string }) {
  const { t, i18n } = useTranslation("models");
  const project = useProject(slug);
  const model = useQuery(queries.model(slug, id));
  const version = model.data;
  return (
    <>
      <PageHeader
        title={version ? t("version", { n: version.number }) : t("one")}
        hint={version ? t("made", { when: formatDateTime(version.created_at, i18n.language) }) : null}
        back={
          <LinkAnchor to="/p/$slug/models" params={{ slug }} size="sm">
            {t("title")}
          </LinkAnchor>
        }
        actions={
          version ? (
            <>
              <LinkButton to="/p/$slug/models/$id/report" params={{ slug, id }} variant="default">
                {t("toReport")}
              </LinkButton>
              {atLeast(project.role, "admin") ? <PromoteButton slug={slug} version={version} /> : null}
            </>
          ) : null
        }
      />
      {model.isPending ? <Skeleton height={280} /> : null}
      {model.error ? <Problem error={model.error} onRetry={() => void model.refetch()} /> : null}
      {version ? <Detail project={project} version={version} /> : null}
    </>
  );
}

function Detail({ project, version }: { project: Project; version: ModelVersionDetail }) {
  const { t, i18n } = useTranslation("models");
  const navigate = useNavigate();
  const { slug } = project;
  const { stages, is_ordered: isOrdered } = project.scale;
  const subsets = version.evaluations.map((evaluation) => evaluation.subset);
  const [wanted, setWanted] = useState<Subset>("held_out");
  const evaluation =
    version.evaluations.find((candidate) => candidate.subset === wanted) ?? version.evaluations[0];
  return (
    <Stack gap="lg">
      <div>
        <StateBadge state={version.state} label={t(`state.${version.state}`)} />
        {version.state_reason ? <Reason text={version.state_reason} /> : null}
      </div>
      {version.state === "promoted" ? null : (
        <ShadowCard slug={slug} version={version} mayChange={atLeast(project.role, "admin")} />
      )}
      {evaluation ? (
        <>
          {subsets.length > 1 ? (
            <div>
              <SegmentedControl
                aria-label={t("measuredOn")}
                value={evaluation.subset}
                onChange={(value) => setWanted(value === "out_of_fold" ? "out_of_fold" : "held_out")}
                data={subsets.map((subset) => ({ value: subset, label: t(`subset.${subset}`) }))}
              />
              <Text size="sm" c="dimmed" mt={6}>
                {t(`subset.hint.${evaluation.subset}`, { n: formatNumber(evaluation.n, i18n.language) })}
              </Text>
            </div>
          ) : null}
          <Numbers evaluation={evaluation} isOrdered={isOrdered} />
          <Card title={t("confusion.title")} hint={t("confusion.hint")}>
            <ConfusionMatrix
              stages={stages}
              confusion={evaluation.metrics.confusion}
              onCell={(truth, predicted) => {
                const stage = stages[truth]?.slug;
                void navigate({
                  to: "/p/$slug/photos",
                  params: { slug },
                  search: { stage, suggested: predicted },
                });
              }}
            />
          </Card>
          <Card title={t("perStage")} flush>
            <StageTable stages={stages} rows={evaluation.metrics.per_stage} />
          </Card>
        </>
      ) : (
        <Text c="dimmed">{t("noEvaluation")}</Text>
      )}
      <Card title={t("members.title")} hint={t("members.hint")} flush>
        <MemberTable members={version.members} perMember={evaluation?.metrics.per_member ?? []} />
      </Card>
      {atLeast(project.role, "admin") && (version.state === "promoted" || version.state === "retired") ? (
        <ExportCard slug={slug} version={version.id} />
      ) : null}
      <LinkAnchor to="/p/$slug/training/$runId" params={{ slug, runId: String(version.run_id) }} size="sm">
        {t("toRun", { id: version.run_id })}
      </LinkAnchor>
    </Stack>
  );
}

/** How the sentences begin that the server's own gate writes, always in English; all others were typed by a person. */
const BY_THE_GATE = /^(First version|Not worse|Worse than|There are no|Replaced by version) /;

/** A record, so it is quoted as it was written; a screen reader is told its language. */
function Reason({ text }: { text: string }) {
  const { t } = useTranslation("models");
  return (
    <Text size="sm" c="dimmed" mt={6}>
      {t("reason")}: <q lang={BY_THE_GATE.test(text) ? "en" : undefined}>{text}</q>
    </Text>
  );
}

interface NumbersProps {
  evaluation: ModelVersionDetail["evaluations"][number];
  isOrdered: boolean;
}

function Numbers({ evaluation, isOrdered }: NumbersProps) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  const { metrics } = evaluation;
  return (
    <StatRow>
      <StatCard
        label={t("metric.accuracy")}
        value={formatPercent(metrics.accuracy, language, 1)}
        note={t("interval", {
          low: formatPercent(metrics.accuracy_low, language, 1),
          high: formatPercent(metrics.accuracy_high, language, 1),
        })}
      />
      <StatCard
        label={t("metric.macro_f1")}
        value={formatNumber(metrics.macro_f1, language, 3)}
        note={t("metric.macro_f1Note")}
      />
      {isOrdered ? (
        <>
          <StatCard
            label={t("metric.mae")}
            value={formatNumber(metrics.mae, language, 2)}
            note={t("metric.maeNote")}
          />
          <StatCard
            label={t("metric.qwk")}
            value={formatNumber(metrics.qwk, language, 3)}
            note={t("metric.qwkNote")}
          />
        </>
      ) : null}
      <StatCard
        label={t("metric.ece")}
        value={formatNumber(metrics.ece, language, 3)}
        note={t("metric.eceNote", { temperature: formatNumber(metrics.temperature, language, 2) })}
      />
    </StatRow>
  );
}
