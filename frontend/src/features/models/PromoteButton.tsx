import { Alert, Button, Group, Modal, Stack, Table, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { ModelVersionBrief, ModelVersionDetail } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { notifyDone } from "@/ui/notify";
import { describeError } from "@/ui/Problem";

/** Puts this version to use (also an older one: a roll-back), after saying what that changes. */
export function PromoteButton({ slug, version }: { slug: string; version: ModelVersionDetail }) {
  const { t } = useTranslation("models");
  const [opened, { open, close }] = useDisclosure(false);
  const models = useQuery(queries.models(slug));
  const current = models.data?.find((model) => model.state === "promoted") ?? null;
  if (version.state === "promoted") return null;
  const isRollback = current !== null && version.number < current.number;
  return (
    <>
      <Button onClick={open} disabled={!models.isSuccess}>
        {isRollback ? t("promote.rollback") : t("promote.button")}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t(isRollback ? "promote.rollbackTitle" : "promote.title", { n: version.number })}
        closeButtonProps={{ "aria-label": t("promote.cancel") }}
      >
        <PromoteForm slug={slug} version={version} current={current} onDone={close} />
      </Modal>
    </>
  );
}

interface PromoteFormProps {
  slug: string;
  version: ModelVersionDetail;
  current: ModelVersionBrief | null;
  onDone: () => void;
}

function PromoteForm({ slug, version, current, onDone }: PromoteFormProps) {
  const { t } = useTranslation("models");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const promote = useMutation({
    mutationFn: () =>
      api.post<ModelVersionDetail>(`/projects/${slug}/model-versions/${version.id}/promote`, {
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      notifyDone(t("promote.done", { n: version.number }));
      onDone();
      await client.invalidateQueries({ queryKey: queries.project(slug).queryKey });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        promote.mutate();
      }}
    >
      <Stack>
        <Text size="sm">{current ? t("promote.replaces", { n: current.number }) : t("promote.first")}</Text>
        {current ? <Comparison now={current} next={version} /> : null}
        <ul>
          <li>{t("promote.effect.scores")}</li>
          <li>{t("promote.effect.queue")}</li>
          <li>{t("promote.effect.decisions")}</li>
        </ul>
        <Textarea
          label={t("promote.reason")}
          description={t("promote.reasonHint")}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {promote.error ? (
          <Alert role="alert" color="clay">
            {describeError(promote.error, tErrors)}
          </Alert>
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("promote.cancel")}
          </Button>
          <Button type="submit" disabled={!reason.trim()} loading={promote.isPending}>
            {t("promote.confirm", { n: version.number })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Comparison({ now, next }: { now: ModelVersionBrief; next: ModelVersionBrief }) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  const rows = [
    [
      t("metric.accuracy"),
      formatPercent(now.accuracy, language, 1),
      formatPercent(next.accuracy, language, 1),
    ],
    [t("metric.macro_f1"), formatNumber(now.macro_f1, language, 3), formatNumber(next.macro_f1, language, 3)],
    [t("metric.mae"), formatNumber(now.mae, language, 2), formatNumber(next.mae, language, 2)],
    [t("metric.qwk"), formatNumber(now.qwk, language, 3), formatNumber(next.qwk, language, 3)],
  ] as const;
  return (
    <Table verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("column.measure")}</Table.Th>
          <Table.Th ta="right">{t("version", { n: now.number })}</Table.Th>
          <Table.Th ta="right">{t("version", { n: next.number })}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, before, after]) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td ta="right">{before}</Table.Td>
            <Table.Td ta="right">{after}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
