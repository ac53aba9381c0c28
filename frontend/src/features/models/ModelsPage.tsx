import { Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { formatDateTime, formatNumber, formatPercent } from "@/lib/format";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { LinkAnchor, LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { StateBadge } from "@/ui/StateBadge";
import { TableScroll } from "@/ui/TableScroll";

const NOWRAP = { whiteSpace: "nowrap" } as const;

export function ModelsPage({ slug }: { slug: string }) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  const models = useQuery(queries.models(slug));
  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      {models.isPending ? <Skeleton height={200} /> : null}
      {models.error ? <Problem error={models.error} onRetry={() => void models.refetch()} /> : null}
      {models.data?.length === 0 ? (
        <EmptyState
          icon="models"
          title={t("empty")}
          action={
            <LinkButton to="/p/$slug/training" params={{ slug }}>
              {t("toTraining")}
            </LinkButton>
          }
        >
          {t("emptyHint")}
        </EmptyState>
      ) : null}
      {models.data?.length ? (
        <Card flush>
          <TableScroll label={t("title")} minWidth={640}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("column.version")}</Table.Th>
                  <Table.Th>{t("column.state")}</Table.Th>
                  <Table.Th ta="right">{t("metric.accuracy")}</Table.Th>
                  <Table.Th ta="right">{t("metric.macro_f1")}</Table.Th>
                  <Table.Th ta="right">{t("metric.mae")}</Table.Th>
                  <Table.Th ta="right">{t("metric.qwk")}</Table.Th>
                  <Table.Th>{t("column.created")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {models.data.map((model) => (
                  <Table.Tr key={model.id}>
                    <Table.Td>
                      <LinkAnchor
                        to="/p/$slug/models/$id"
                        params={{ slug, id: model.id }}
                        fw={620}
                        style={NOWRAP}
                      >
                        {t("version", { n: model.number })}
                      </LinkAnchor>
                    </Table.Td>
                    <Table.Td>
                      <StateBadge state={model.state} label={t(`state.${model.state}`)} />
                    </Table.Td>
                    <Table.Td ta="right">{formatPercent(model.accuracy, language, 1)}</Table.Td>
                    <Table.Td ta="right">{formatNumber(model.macro_f1, language, 3)}</Table.Td>
                    <Table.Td ta="right">{formatNumber(model.mae, language, 2)}</Table.Td>
                    <Table.Td ta="right">{formatNumber(model.qwk, language, 3)}</Table.Td>
                    <Table.Td>{formatDateTime(model.created_at, language)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        </Card>
      ) : null}
    </>
  );
}
