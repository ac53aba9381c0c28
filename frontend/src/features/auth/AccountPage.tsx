import { Alert, Button, Group, NativeSelect, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session, User } from "@/api/types";
import { Card } from "@/ui/Card";
import { notifyDone } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { describeError } from "@/ui/Problem";
import { useAdoptSession } from "./signIn";
import { TokensCard } from "./TokensCard";

const SHORTEST_PASSWORD = 10;

export function AccountPage() {
  const { t } = useTranslation("auth");
  const { data: session } = useQuery(queries.session());
  return (
    <>
      <PageHeader title={t("account.title")} hint={session?.user?.email} />
      <Stack maw={560} gap="lg">
        {session?.user ? <ProfileCard user={session.user} /> : null}
        <PasswordCard />
        <TokensCard />
      </Stack>
    </>
  );
}

function ProfileCard({ user }: { user: User }) {
  const { t } = useTranslation("auth");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const adopt = useAdoptSession();
  const form = useForm({ initialValues: { full_name: user.full_name, language: user.language } });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => api.patch<Session>("/session", values),
    onSuccess: async (fresh) => {
      await adopt(fresh);
      notifyDone(tCommon("saved"));
    },
  });
  return (
    <Card title={t("account.profile")}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {save.error ? (
            <Alert role="alert" color="clay">
              {describeError(save.error, tErrors)}
            </Alert>
          ) : null}
          <TextInput label={t("welcome.name")} autoComplete="name" {...form.getInputProps("full_name")} />
          <NativeSelect
            label={tCommon("language.label")}
            data={[
              { value: "", label: t("account.languageAuto") },
              { value: "es", label: tCommon("language.es") },
              { value: "en", label: tCommon("language.en") },
            ]}
            {...form.getInputProps("language")}
          />
          <Group>
            <Button type="submit" loading={save.isPending}>
              {tCommon("save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function PasswordCard() {
  const { t } = useTranslation("auth");
  const { t: tErrors } = useTranslation("errors");
  const form = useForm({
    initialValues: { current_password: "", new_password: "" },
    validate: {
      current_password: (value) => (value ? null : t("required")),
      new_password: (value) => (value.length < SHORTEST_PASSWORD ? t("shortPassword") : null),
    },
  });
  const change = useMutation({
    mutationFn: (values: typeof form.values) => api.post<void>("/session/password", values),
    onSuccess: () => {
      form.reset();
      notifyDone(t("account.passwordChanged"));
    },
  });
  return (
    <Card title={t("account.passwordTitle")}>
      <form noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack>
          {change.error ? (
            <Alert role="alert" color="clay">
              {describeError(change.error, tErrors)}
            </Alert>
          ) : null}
          <PasswordInput
            label={t("account.currentPassword")}
            autoComplete="current-password"
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label={t("welcome.newPassword")}
            description={t("welcome.passwordHint")}
            autoComplete="new-password"
            {...form.getInputProps("new_password")}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t("account.changePassword")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
