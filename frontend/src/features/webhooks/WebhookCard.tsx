import { ActionIcon, Alert, Badge, Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { Webhook, WebhookDelivery } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { Deliveries } from "./Deliveries";
import classes from "./Webhooks.module.css";
import { deliveriesOf, webhooksOf } from "./webhookQueries";

interface WebhookCardProps {
  slug: string;
  webhook: Webhook;
  onEdit: () => void;
  onSecret: (secret: string) => void;
}

export function WebhookCard({ slug, webhook, onEdit, onSecret }: WebhookCardProps) {
  const { t, i18n } = useTranslation("webhooks");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const test = useMutation({
    mutationFn: () => api.post<WebhookDelivery>(`/projects/${slug}/webhooks/${webhook.id}/test`),
    onSuccess: async () => {
      setIsOpen(true);
      notifyDone(t("tested"));
      await client.invalidateQueries({ queryKey: deliveriesOf(slug, webhook.id).queryKey });
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  return (
    <Card
      title={webhook.name}
      actions={
        <Group gap="xs" wrap="nowrap">
          <StateOf webhook={webhook} />
          <WebhookMenu slug={slug} webhook={webhook} onEdit={onEdit} onSecret={onSecret} />
        </Group>
      }
    >
      <Stack gap="sm">
        <code className={classes.url}>{webhook.url}</code>
        <Text size="sm" c="dimmed">
          {webhook.events.map((event) => t(`event.${event}`)).join(" · ")}
        </Text>
        {webhook.disabled_at ? (
          <Alert color="clay" role="status">
            {t("disabledBody", {
              ago: formatAgo(webhook.disabled_at, i18n.language),
              count: webhook.n_failures,
            })}
          </Alert>
        ) : null}
        {webhook.is_active && webhook.failing_since ? (
          <Alert color="amber" role="status">
            {t("failingBody", {
              ago: formatAgo(webhook.failing_since, i18n.language),
              count: webhook.n_failures,
            })}
          </Alert>
        ) : null}
        <Group gap="xs">
          <Button
            size="sm"
            variant="default"
            disabled={!webhook.is_active}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            {t("test")}
          </Button>
          <Button size="sm" variant="subtle" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? t("hideDeliveries") : t("showDeliveries")}
          </Button>
        </Group>
        {isOpen ? <Deliveries slug={slug} webhook={webhook} /> : null}
      </Stack>
    </Card>
  );
}

function StateOf({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const [label, color] = webhook.disabled_at
    ? [t("disabled"), "clay"]
    : !webhook.is_active
      ? [t("paused"), "gray"]
      : webhook.failing_since
        ? [t("failing"), "amber"]
        : [t("active"), "brand"];
  return (
    <Badge color={color} variant="light">
      {label}
    </Badge>
  );
}

function WebhookMenu({ slug, webhook, onEdit, onSecret }: WebhookCardProps) {
  const { t } = useTranslation("webhooks");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const address = `/projects/${slug}/webhooks/${webhook.id}`;
  const settle = {
    onError: (error: Error) => notifyFailed(describeError(error, tErrors)),
    onSettled: () => client.invalidateQueries({ queryKey: webhooksOf(slug).queryKey }),
  };
  const toggle = useMutation({
    mutationFn: () => api.patch<Webhook>(address, { is_active: !webhook.is_active }),
    ...settle,
  });
  const rotate = useMutation({
    mutationFn: () => api.post<{ secret: string }>(`${address}/secret`),
    onSuccess: ({ secret }) => onSecret(secret),
    ...settle,
  });
  const remove = useMutation({
    mutationFn: () => api.delete<void>(address),
    onSuccess: () => notifyDone(t("deleted")),
    ...settle,
  });
  const { name } = webhook;
  const askRotate = () =>
    askToConfirm({
      title: t("rotateTitle", { name }),
      body: t("rotateBody"),
      confirm: t("rotate"),
      cancel: t("cancel"),
      onConfirm: () => rotate.mutate(),
    });
  const askDelete = () =>
    askToConfirm({
      title: t("deleteTitle", { name }),
      body: t("deleteBody"),
      confirm: t("delete"),
      cancel: t("cancel"),
      isDangerous: true,
      onConfirm: () => remove.mutate(),
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("actionsOf", { name })}>
          <Icon name="more" size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>{t("edit")}</Menu.Item>
        <Menu.Item onClick={() => toggle.mutate()}>{webhook.is_active ? t("pause") : t("resume")}</Menu.Item>
        <Menu.Item onClick={askRotate}>{t("rotate")}</Menu.Item>
        <Menu.Item color="clay" onClick={askDelete}>
          {t("delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
