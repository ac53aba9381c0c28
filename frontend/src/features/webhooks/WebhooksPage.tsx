import { Alert, Button, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Webhook } from "@/api/types";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LinkAnchor } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { SecretModal } from "./SecretModal";
import { WebhookCard } from "./WebhookCard";
import { WebhookModal } from "./WebhookModal";
import { webhooksOf } from "./webhookQueries";

/** A project's webhooks: who is told of what, whether it arrives, and what was sent last. */
export function WebhooksPage({ slug }: { slug: string }) {
  const { t } = useTranslation("webhooks");
  const found = useQuery(webhooksOf(slug));
  const [edited, setEdited] = useState<Webhook | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const isOff = found.data?.is_enabled === false;
  return (
    <>
      <PageHeader
        title={t("title")}
        hint={t("hint")}
        back={
          <LinkAnchor to="/p/$slug/settings" params={{ slug }} size="sm">
            {t("back")}
          </LinkAnchor>
        }
        actions={
          <Button
            leftSection={<Icon name="plus" size={18} />}
            disabled={!found.data || isOff}
            onClick={() => setEdited("new")}
          >
            {t("new")}
          </Button>
        }
      />
      <Stack gap="lg" maw={860}>
        {found.isPending ? <Skeleton height={160} /> : null}
        {found.error ? <Problem error={found.error} onRetry={() => void found.refetch()} /> : null}
        {isOff ? (
          <Alert color="amber" title={t("off")}>
            {t("offBody")}
          </Alert>
        ) : null}
        {found.data?.webhooks.map((webhook) => (
          <WebhookCard
            key={webhook.id}
            slug={slug}
            webhook={webhook}
            onEdit={() => setEdited(webhook)}
            onSecret={setSecret}
          />
        ))}
        {found.data?.webhooks.length === 0 && !isOff ? (
          <Card>
            <EmptyState icon="external" title={t("empty")}>
              {t("emptyBody")}
            </EmptyState>
          </Card>
        ) : null}
      </Stack>
      <WebhookModal
        slug={slug}
        webhook={edited === "new" ? null : edited}
        opened={edited !== null}
        onClose={() => setEdited(null)}
        onSecret={setSecret}
      />
      <SecretModal secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}
