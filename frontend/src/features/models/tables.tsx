import { Badge, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Metrics, ModelMember, Stage } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { StageChip } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";

export interface StageTableProps {
  stages: readonly Stage[];
  rows: Metrics["per_stage"];
}

/** Precision, recall and F1 of each stage, in stage order. */
export function StageTable({ stages, rows }: StageTableProps) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  return (
    <TableScroll label={t("perStage")} minWidth={520}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.stage")}</Table.Th>
            <Table.Th ta="right">{t("column.precision")}</Table.Th>
            <Table.Th ta="right">{t("column.recall")}</Table.Th>
            <Table.Th ta="right">F1</Table.Th>
            <Table.Th ta="right">{t("column.support")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stages.map((stage, index) => {
            const row = rows[index];
            return (
              <Table.Tr key={stage.id}>
                <Table.Td>
                  <StageChip stage={stage} count={stages.length} />
                </Table.Td>
                <Table.Td ta="right">{formatPercent(row?.precision, language)}</Table.Td>
                <Table.Td ta="right">{formatPercent(row?.recall, language)}</Table.Td>
                <Table.Td ta="right">{formatNumber(row?.f1, language, 2)}</Table.Td>
                <Table.Td ta="right">{formatNumber(row?.support, language)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

export interface MemberTableProps {
  members: readonly ModelMember[];
  perMember: Metrics["per_member"];
}

/** The networks of the ensemble, also those that were left out and why. */
export function MemberTable({ members, perMember }: MemberTableProps) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  return (
    <TableScroll label={t("members.title")} minWidth={620}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.member")}</Table.Th>
            <Table.Th>{t("column.backbone")}</Table.Th>
            <Table.Th ta="right">{t("column.params")}</Table.Th>
            <Table.Th ta="right">{t("metric.accuracy")}</Table.Th>
            <Table.Th ta="right">{t("column.weight")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => (
            <Table.Tr key={member.name}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {member.name}
                </Text>
                {member.left_out ? (
                  <Text size="xs" c="dimmed">
                    {member.left_out}
                  </Text>
                ) : null}
              </Table.Td>
              <Table.Td>{member.backbone || "–"}</Table.Td>
              <Table.Td ta="right">{formatNumber(member.n_params, language)}</Table.Td>
              <Table.Td ta="right">
                {formatPercent(
                  perMember.find((candidate) => candidate.name === member.name)?.accuracy,
                  language,
                  1,
                )}
              </Table.Td>
              <Table.Td ta="right">
                {member.left_out ? (
                  <Badge color="amber">{t("members.leftOut")}</Badge>
                ) : (
                  formatNumber(member.stacking_weight, language, 2)
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
