import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { ApiTokenInput, ApiTokenMade, TokenScope } from "@/api/types";
import { Command } from "@/ui/Command";
import { describeError } from "@/ui/Problem";

const SCOPES: readonly TokenScope[] = ["read", "label", "import", "export", "train", "manage"];
const DAYS = [7, 30, 90, 366];

export interface TokenModalProps {
  opened: boolean;
  onClose: () => void;
}

/** Asks what the token is for, then shows it: this once. */
export function TokenModal({ opened, onClose }: TokenModalProps) {
  const { t } = useTranslation("auth");
  const { t: tCommon } = useTranslation();
  const [made, setMade] = useState<ApiTokenMade | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? t("tokens.made") : t("tokens.new")}
      closeOnClickOutside={made === null}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {made ? <Made token={made} onDone={close} /> : <TokenForm onCancel={close} onMade={setMade} />}
    </Modal>
  );
}

function Made({ token, onDone }: { token: ApiTokenMade; onDone: () => void }) {
  const { t } = useTranslation("auth");
  const where = token.project_slug ? `/projects/${token.project_slug}` : "/projects";
  const example = `curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}/api/v1${where}`;
  return (
    <Stack>
      <Text size="sm">{t("tokens.madeBody")}</Text>
      <Command text={token.secret} />
      <Text size="sm" c="dimmed">
        {t("tokens.usage")}
      </Text>
      <Command text={example} />
      <Group justify="flex-end">
        <Button onClick={onDone}>{t("tokens.done")}</Button>
      </Group>
    </Stack>
  );
}

interface TokenFormProps {
  onCancel: () => void;
  onMade: (token: ApiTokenMade) => void;
}

function TokenForm({ onCancel, onMade }: TokenFormProps) {
  const { t } = useTranslation("auth");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const projects = useQuery(queries.projects());
  const form = useForm({
    initialValues: { name: "", project: "", days: "90", scopes: ["read"] as string[] },
    validate: {
      name: (value) => (value.trim() ? null : t("tokens.nameMissing")),
      scopes: (value) => (value.length ? null : t("tokens.scopesMissing")),
    },
  });
  const make = useMutation({
    mutationFn: ({ name, project, days, scopes }: typeof form.values) => {
      const wanted: ApiTokenInput = {
        name: name.trim(),
        project: project || null,
        scopes: SCOPES.filter((scope) => scopes.includes(scope)),
        expires_in_days: Number(days),
      };
      return api.post<ApiTokenMade>("/api-tokens", wanted);
    },
    onSuccess: async (token) => {
      onMade(token);
      await client.invalidateQueries({ queryKey: queries.apiTokens().queryKey });
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack>
        {make.error ? (
          <Alert role="alert" color="clay">
            {describeError(make.error, tErrors)}
          </Alert>
        ) : null}
        <TextInput
          label={t("tokens.name")}
          description={t("tokens.nameHint")}
          maxLength={80}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Checkbox.Group label={t("tokens.scopes")} {...form.getInputProps("scopes")}>
          <Stack gap="xs" mt="xs">
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={t(`tokens.scope.${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t("tokens.project")}
          data={[
            { value: "", label: t("tokens.allProjects") },
            ...(projects.data ?? []).map((project) => ({ value: project.slug, label: project.name })),
          ]}
          {...form.getInputProps("project")}
        />
        <NativeSelect
          label={t("tokens.expires")}
          data={DAYS.map((days) => ({ value: String(days), label: t("tokens.days", { count: days }) }))}
          {...form.getInputProps("days")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("tokens.cancel")}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {t("tokens.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
