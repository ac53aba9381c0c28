import { Button, Divider, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { Gate } from "./Gate";
import { SignInForm } from "./SignInForm";

export function LoginPage({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("auth");
  const { data: session } = useQuery(queries.session());
  const oidc = session?.oidc;
  return (
    <Gate title={t("welcomeBack")}>
      <SignInForm onDone={onDone} />
      {oidc ? (
        <>
          <Divider my="md" label={t("or")} />
          <Button component="a" href={oidc.login_url} variant="default" size="md" fullWidth>
            {t("oidc", { name: oidc.name })}
          </Button>
        </>
      ) : null}
      <Text size="sm" c="dimmed" mt="lg">
        {t("forgot")}
      </Text>
    </Gate>
  );
}
