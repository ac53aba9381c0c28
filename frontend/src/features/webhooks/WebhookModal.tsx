import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { Webhook, WebhookMade } from "@/api/types";
import { describeError } from "@/ui/Problem";
import { EVENTS, webhooksOf } from "./webhookQueries";

export interface WebhookModalProps {
  slug: string;
  /** What is edited; null for a new one. */
  webhook: Webhook | null;
  opened: boolean;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

export function WebhookModal({ slug, webhook, opened, onClose, onSecret }: WebhookModalProps) {
  const { t } = useTranslation("webhooks");
  const { t: tCommon } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={webhook ? webhook.name : t("new")}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      <WebhookForm slug={slug} webhook={webhook} onClose={onClose} onSecret={onSecret} />
    </Modal>
  );
}

function WebhookForm({ slug, webhook, onClose, onSecret }: Omit<WebhookModalProps, "opened">) {
  const { t } = useTranslation("webhooks");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const form = useForm({
    initialValues: {
      name: webhook?.name ?? "",
      url: webhook?.url ?? "",
      events: (webhook?.events ?? []) as string[],
    },
    validate: {
      name: (value) => (value.trim() ? null : t("nameMissing")),
      // The server knows best which addresses it calls; plain http may be one of its operator's own.
      url: (value) => (/^https?:\/\/\S+$/.test(value.trim()) ? null : t("urlBad")),
      events: (value) => (value.length ? null : t("eventsMissing")),
    },
  });
  const save = useMutation({
    mutationFn: async (values: typeof form.values) => {
      const wanted = { ...values, name: values.name.trim(), url: values.url.trim() };
      if (webhook) await api.patch<Webhook>(`/projects/${slug}/webhooks/${webhook.id}`, wanted);
      else onSecret((await api.post<WebhookMade>(`/projects/${slug}/webhooks`, wanted)).secret);
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: webhooksOf(slug).queryKey });
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        {save.error ? (
          <Alert role="alert" color="clay">
            {describeError(save.error, tErrors)}
          </Alert>
        ) : null}
        <TextInput label={t("name")} maxLength={80} data-autofocus {...form.getInputProps("name")} />
        <TextInput
          type="url"
          label={t("url")}
          description={t("urlHint")}
          maxLength={500}
          {...form.getInputProps("url")}
        />
        <Checkbox.Group label={t("events")} {...form.getInputProps("events")}>
          <Stack gap="xs" mt="xs">
            {EVENTS.map((event) => (
              <Checkbox key={event} value={event} label={t(`event.${event}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {webhook ? t("save") : t("create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
