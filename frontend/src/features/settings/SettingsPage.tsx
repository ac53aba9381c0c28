import { Group, Stack, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import type { Project } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { bbchRange, stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StageDot } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";
import { PolicyForm } from "./PolicyForm";
import { RecipeCard } from "./RecipeCard";
import { TrainingRuleCard } from "./TrainingRuleCard";

export function SettingsPage({ slug }: { slug: string }) {
  const { t } = useTranslation("settings");
  const { t: tHooks } = useTranslation("webhooks");
  const project = useProject(slug);
  return (
    <>
      <PageHeader
        title={t("title")}
        actions={
          <LinkButton variant="default" to="/p/$slug/webhooks" params={{ slug }}>
            {tHooks("link")}
          </LinkButton>
        }
      />
      <Stack gap="lg" maw={860}>
        <PolicyForm key={project.slug} project={project} />
        <RecipeCard key={`recipe-${project.slug}`} project={project} />
        <TrainingRuleCard key={`rule-${project.slug}`} slug={project.slug} />
        <ScaleCard project={project} />
      </Stack>
    </>
  );
}

function ScaleCard({ project }: { project: Project }) {
  const { t, i18n } = useTranslation("settings");
  const { scale } = project;
  return (
    <Card
      title={t("scale")}
      hint={t("scaleHint", {
        version: scale.version,
        share: formatPercent(project.held_out_share, i18n.language),
      })}
      flush
    >
      <TableScroll label={t("scale")} minWidth={420}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.stage")}</Table.Th>
              <Table.Th>BBCH</Table.Th>
              <Table.Th>{t("column.key")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {scale.stages.map((stage) => (
              <Table.Tr key={stage.id}>
                <Table.Td>
                  <Group gap="sm" wrap="nowrap">
                    <StageDot stage={stage} count={scale.stages.length} />
                    {stageName(stage, i18n.language)}
                  </Group>
                </Table.Td>
                <Table.Td>{bbchRange(stage) || "–"}</Table.Td>
                <Table.Td>{stage.hotkey || stage.position + 1}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Card>
  );
}
