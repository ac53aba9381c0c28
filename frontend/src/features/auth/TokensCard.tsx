import { ActionIcon, Badge, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { ApiToken } from "@/api/types";
import { formatAgo, formatDate } from "@/lib/format";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError, Problem } from "@/ui/Problem";
import { TokenModal } from "./TokenModal";
import classes from "./TokensCard.module.css";

/** The person's API tokens. Their secrets are shown once, when made: the server keeps only a digest. */
export function TokensCard() {
  const { t } = useTranslation("auth");
  const tokens = useQuery(queries.apiTokens());
  const [isMaking, setIsMaking] = useState(false);
  return (
    <Card
      title={t("tokens.title")}
      hint={t("tokens.hint")}
      actions={
        <Button
          variant="default"
          leftSection={<Icon name="plus" size={18} />}
          onClick={() => setIsMaking(true)}
        >
          {t("tokens.new")}
        </Button>
      }
    >
      {tokens.isPending ? <Skeleton height={60} /> : null}
      {tokens.error ? <Problem error={tokens.error} onRetry={() => void tokens.refetch()} /> : null}
      {tokens.data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("tokens.empty")}. {t("tokens.emptyBody")}
        </Text>
      ) : null}
      {tokens.data?.length ? (
        <ul className={classes.list}>
          {tokens.data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      ) : null}
      <TokenModal opened={isMaking} onClose={() => setIsMaking(false)} />
    </Card>
  );
}

function TokenRow({ token }: { token: ApiToken }) {
  const { t, i18n } = useTranslation("auth");
  const isExpired = Date.parse(token.expires_at) <= Date.now();
  const use = token.last_used_at
    ? t("tokens.used", { ago: formatAgo(token.last_used_at, i18n.language) })
    : t("tokens.unused");
  return (
    <li className={classes.row}>
      <Stack gap={4} className={classes.text}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {token.name}
          </Text>
          <code className={classes.prefix}>{token.prefix}…</code>
          {isExpired ? (
            <Badge color="clay" variant="light">
              {t("tokens.expired")}
            </Badge>
          ) : null}
        </Group>
        <Text size="xs" c="dimmed">
          {token.project_name ?? t("tokens.allProjects")} ·{" "}
          {token.scopes.map((scope) => t(`tokens.scopeShort.${scope}`)).join(", ")}
        </Text>
        <Text size="xs" c="dimmed">
          {use} · {t("tokens.until", { date: formatDate(token.expires_at, i18n.language) })}
        </Text>
      </Stack>
      <RevokeButton token={token} />
    </li>
  );
}

function RevokeButton({ token }: { token: ApiToken }) {
  const { t } = useTranslation("auth");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.delete<void>(`/api-tokens/${token.id}`),
    onSuccess: () => notifyDone(t("tokens.revoked")),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
    onSettled: () => client.invalidateQueries({ queryKey: queries.apiTokens().queryKey }),
  });
  const ask = () =>
    askToConfirm({
      title: t("tokens.revokeTitle", { name: token.name }),
      body: t("tokens.revokeBody"),
      confirm: t("tokens.revoke"),
      cancel: t("tokens.cancel"),
      isDangerous: true,
      onConfirm: () => revoke.mutate(),
    });
  const label = t("tokens.revokeOf", { name: token.name });
  return (
    <ActionIcon
      variant="subtle"
      color="clay"
      aria-label={label}
      title={label}
      loading={revoke.isPending}
      onClick={ask}
    >
      <Icon name="trash" size={18} />
    </ActionIcon>
  );
}
