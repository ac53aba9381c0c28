import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { describeError } from "@/ui/Problem";
import { type Credentials, useSignIn } from "./signIn";

export interface SignInFormProps {
  /** Known address, when the same person signs in again. */
  email?: string;
  onDone: () => void;
}

export function SignInForm({ email = "", onDone }: SignInFormProps) {
  const { t } = useTranslation("auth");
  const { t: tErrors } = useTranslation("errors");
  const signIn = useSignIn();
  const form = useForm<Credentials>({
    initialValues: { email, password: "" },
    validate: {
      email: (value) => (value.trim() ? null : t("required")),
      password: (value) => (value ? null : t("required")),
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => signIn.mutate(values, { onSuccess: onDone }))}>
      <Stack gap="md">
        {signIn.error ? (
          <Alert role="alert" color="clay">
            {describeError(signIn.error, tErrors)}
          </Alert>
        ) : null}
        <TextInput
          type="email"
          name="email"
          autoComplete="username"
          label={t("email")}
          data-autofocus={email ? undefined : true}
          {...form.getInputProps("email")}
        />
        <PasswordInput
          name="password"
          autoComplete="current-password"
          label={t("password")}
          data-autofocus={email ? true : undefined}
          {...form.getInputProps("password")}
        />
        <Button type="submit" loading={signIn.isPending} size="md">
          {t("signIn")}
        </Button>
      </Stack>
    </form>
  );
}
