import { Alert, Button, PasswordInput, Skeleton, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import type { AccessLink, Session } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkAnchor } from "@/ui/links";
import { describeError, Problem } from "@/ui/Problem";
import { Gate } from "./Gate";
import { useAdoptSession } from "./signIn";

const SHORTEST_PASSWORD = 10;

/** Claims a one-time link: the first admin's account, or a new password. */
export function WelcomePage({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation("auth");
  const link = useQuery(queries.accessLink(token));
  if (link.isPending) {
    return (
      <Gate title={t("welcome.setPassword")}>
        <Skeleton height={180} />
      </Gate>
    );
  }
  if (link.error instanceof ApiError && link.error.status === 404) {
    return (
      <Gate title={t("welcome.gone")}>
        <EmptyState
          icon="key"
          title={t("welcome.gone")}
          action={<LinkAnchor to="/login">{t("welcome.toSignIn")}</LinkAnchor>}
        >
          {t("welcome.goneBody")}
        </EmptyState>
      </Gate>
    );
  }
  if (link.error) {
    return (
      <Gate title={t("welcome.setPassword")}>
        <Problem error={link.error} onRetry={() => void link.refetch()} />
      </Gate>
    );
  }
  const isFirst = link.data.purpose === "first_admin";
  return (
    <Gate
      title={isFirst ? t("welcome.firstAdmin") : t("welcome.setPassword")}
      hint={isFirst ? t("welcome.firstAdminHint") : t("welcome.setPasswordHint", { email: link.data.email })}
    >
      <ClaimForm token={token} link={link.data} onDone={onDone} />
    </Gate>
  );
}

interface Claim {
  email: string;
  full_name: string;
  password: string;
}

function ClaimForm({ token, link, onDone }: { token: string; link: AccessLink; onDone: () => void }) {
  const { t } = useTranslation("auth");
  const { t: tErrors } = useTranslation("errors");
  const adopt = useAdoptSession();
  const isFirst = link.purpose === "first_admin";
  const claim = useMutation({
    mutationFn: (values: Claim) =>
      api.post<Session>(
        `/access-links/${encodeURIComponent(token)}`,
        isFirst ? values : { password: values.password },
        { quiet: true },
      ),
    onSuccess: adopt,
    onError: (error) => {
      if (error instanceof ApiError) form.setErrors(firstOfEach(error.fields));
    },
  });
  const form = useForm<Claim>({
    initialValues: { email: link.email, full_name: "", password: "" },
    validate: {
      email: (value) => (isFirst && !/^\S+@\S+$/.test(value.trim()) ? t("badEmail") : null),
      full_name: (value) => (isFirst && !value.trim() ? t("required") : null),
      password: (value) => (value.length < SHORTEST_PASSWORD ? t("shortPassword") : null),
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => claim.mutate(values, { onSuccess: onDone }))}>
      <Stack>
        {claim.error ? (
          <Alert role="alert" color="clay">
            {describeError(claim.error, tErrors)}
          </Alert>
        ) : null}
        {isFirst ? (
          <>
            <TextInput
              name="full_name"
              autoComplete="name"
              label={t("welcome.name")}
              {...form.getInputProps("full_name")}
            />
            <TextInput
              type="email"
              name="email"
              autoComplete="username"
              label={t("email")}
              {...form.getInputProps("email")}
            />
          </>
        ) : null}
        <PasswordInput
          name="password"
          autoComplete="new-password"
          label={t("welcome.newPassword")}
          description={t("welcome.passwordHint")}
          {...form.getInputProps("password")}
        />
        <Button type="submit" size="md" loading={claim.isPending}>
          {isFirst ? t("welcome.create") : t("welcome.set")}
        </Button>
      </Stack>
    </form>
  );
}

function firstOfEach(fields: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, messages]) => [name, messages[0] ?? ""]));
}
