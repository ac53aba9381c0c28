import { Badge, Button, Skeleton, Table, Text, VisuallyHidden } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { Webhook, WebhookDelivery } from "@/api/types";
import { formatAgo, formatNumber } from "@/lib/format";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError, Problem } from "@/ui/Problem";
import { TableScroll } from "@/ui/TableScroll";
import { deliveriesOf } from "./webhookQueries";

const COLORS = { pending: "gray", delivered: "brand", failed: "clay" } as const;

interface DeliveriesProps {
  slug: string;
  webhook: Webhook;
}

/** What a webhook was told of late, newest first. */
export function Deliveries({ slug, webhook }: DeliveriesProps) {
  const { t } = useTranslation("webhooks");
  const found = useInfiniteQuery(deliveriesOf(slug, webhook.id));
  const rows = found.data?.pages.flatMap((page) => page.results) ?? [];
  if (found.isPending) return <Skeleton height={120} />;
  if (found.error) return <Problem error={found.error} onRetry={() => void found.refetch()} />;
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("noDeliveries")}
      </Text>
    );
  return (
    <>
      <TableScroll label={t("deliveries")} minWidth={620}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.event")}</Table.Th>
              <Table.Th>{t("column.state")}</Table.Th>
              <Table.Th ta="right">{t("column.attempts")}</Table.Th>
              <Table.Th>{t("column.when")}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t("column.action")}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <DeliveryRow key={row.id} slug={slug} webhook={webhook} delivery={row} />
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
      {found.hasNextPage ? (
        <Button
          variant="subtle"
          size="sm"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("more")}
        </Button>
      ) : null}
    </>
  );
}

function DeliveryRow({ slug, webhook, delivery }: DeliveriesProps & { delivery: WebhookDelivery }) {
  const { t, i18n } = useTranslation("webhooks");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () =>
      api.post<WebhookDelivery>(`/projects/${slug}/webhooks/${webhook.id}/deliveries/${delivery.id}/resend`),
    onSuccess: () => notifyDone(t("resent")),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
    onSettled: () => client.invalidateQueries({ queryKey: deliveriesOf(slug, webhook.id).queryKey }),
  });
  const event = t(`event.${delivery.event}`);
  const isRetried = delivery.state === "pending" && delivery.attempts > 0;
  return (
    <Table.Tr>
      <Table.Td>{event}</Table.Td>
      <Table.Td>
        <Badge color={COLORS[delivery.state]} variant="light" miw="max-content">
          {t(`state.${delivery.state}`)}
        </Badge>
        {delivery.last_error ? (
          <Text size="xs" c="dimmed">
            {t(`failure.${delivery.last_error}`, { status: delivery.last_status })}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td ta="right">{formatNumber(delivery.attempts, i18n.language)}</Table.Td>
      <Table.Td>
        <Text size="sm">{formatAgo(delivery.attempted_at ?? delivery.created_at, i18n.language)}</Text>
        {isRetried ? (
          <Text size="xs" c="dimmed">
            {t("next", { ago: formatAgo(delivery.next_try_at, i18n.language) })}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={t("againOf", { event })}
          disabled={!webhook.is_active}
          loading={resend.isPending}
          onClick={() => resend.mutate()}
        >
          {t("again")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
