import { Button, Group, Modal, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { onSignInNeeded } from "@/api/client";
import { queries } from "@/api/queries";

// Needed only when a session ends.
const SignInForm = lazy(() => import("./SignInForm").then((form) => ({ default: form.SignInForm })));

/** Signs in again above the page when a session ended, so that nothing typed or decided is lost. */
export function SignInAgain() {
  const { t } = useTranslation("auth");
  const [opened, setOpened] = useState(false);
  const answer = useRef<((signedIn: boolean) => void) | null>(null);
  const { data: session } = useQuery({ ...queries.session(), enabled: opened });

  useEffect(() => {
    onSignInNeeded(
      () =>
        new Promise((resolve) => {
          answer.current = resolve;
          setOpened(true);
        }),
    );
    return () => onSignInNeeded(null);
  }, []);

  const finish = (signedIn: boolean) => {
    setOpened(false);
    answer.current?.(signedIn);
    answer.current = null;
  };

  return (
    <Modal opened={opened} onClose={() => finish(false)} title={t("again.title")} closeOnClickOutside={false}>
      <Text size="sm" c="dimmed" mb="md">
        {t("again.body")}
      </Text>
      <Suspense fallback={<Skeleton height={220} />}>
        <SignInForm email={session?.user?.email} onDone={() => finish(true)} />
      </Suspense>
      <Group justify="center" mt="sm">
        <Button variant="subtle" color="gray" onClick={() => finish(false)}>
          {t("again.giveUp")}
        </Button>
      </Group>
    </Modal>
  );
}
