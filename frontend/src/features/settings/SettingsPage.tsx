import {
  Alert,
  Button,
  Group,
  NumberInput,
  SimpleGrid,
  Stack,
  Table,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Project, ProjectPatch } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { bbchRange, stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { notifyDone } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError } from "@/ui/Problem";
import { StageDot } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";

export function SettingsPage({ slug }: { slug: string }) {
  const { t } = useTranslation("settings");
  const project = useProject(slug);
  return (
    <>
      <PageHeader title={t("title")} />
      <Stack gap="lg" maw={860}>
        <PolicyForm project={project} />
        <ScaleCard project={project} />
      </Stack>
    </>
  );
}

const SHARES = ["random_share", "blind_share"] as const;

/** What the form holds: shares as percent, since that is what people read and type. */
function initialValues(project: Project) {
  return {
    name: project.name,
    description: project.description,
    labels_wanted: project.labels_wanted,
    batch_size: project.batch_size,
    refresh_every: project.refresh_every,
    random_share: Math.round(project.random_share * 100),
    blind_share: Math.round(project.blind_share * 100),
  };
}

function toPatch(values: ReturnType<typeof initialValues>): ProjectPatch {
  return {
    ...values,
    name: values.name.trim(),
    random_share: values.random_share / 100,
    blind_share: values.blind_share / 100,
  };
}

function PolicyForm({ project }: { project: Project }) {
  const { t } = useTranslation("settings");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const form = useForm({
    initialValues: initialValues(project),
    validate: { name: (value) => (value.trim() ? null : t("nameWanted")) },
  });
  const save = useMutation({
    mutationFn: (patch: ProjectPatch) => api.patch<Project>(`/projects/${project.slug}`, patch),
    onSuccess: async (fresh) => {
      client.setQueryData(queries.project(project.slug).queryKey, fresh);
      form.resetDirty();
      notifyDone(tCommon("saved"));
      await client.invalidateQueries({ queryKey: queries.session().queryKey });
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(toPatch(values)))}>
      <Stack gap="lg">
        <Card title={t("about")}>
          <Stack>
            <TextInput label={t("name")} {...form.getInputProps("name")} />
            <Textarea label={t("description")} autosize minRows={2} {...form.getInputProps("description")} />
          </Stack>
        </Card>
        <Card title={t("policy")} hint={t("policyHint")}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
            <NumberInput
              label={t("labels_wanted")}
              description={t("labels_wantedHint")}
              min={1}
              max={9}
              {...form.getInputProps("labels_wanted")}
            />
            <NumberInput
              label={t("batch_size")}
              description={t("batch_sizeHint")}
              min={1}
              max={1000}
              {...form.getInputProps("batch_size")}
            />
            <NumberInput
              label={t("refresh_every")}
              description={t("refresh_everyHint")}
              min={1}
              max={1000}
              {...form.getInputProps("refresh_every")}
            />
            {SHARES.map((share) => (
              <NumberInput
                key={share}
                label={t(share)}
                description={t(`${share}Hint`)}
                min={0}
                max={100}
                suffix=" %"
                {...form.getInputProps(share)}
              />
            ))}
          </SimpleGrid>
        </Card>
        {save.error ? (
          <Alert role="alert" color="clay">
            {describeError(save.error, tErrors)}
          </Alert>
        ) : null}
        <Group>
          <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>
            {tCommon("save")}
          </Button>
        </Group>
      </Stack>
    </form>
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
