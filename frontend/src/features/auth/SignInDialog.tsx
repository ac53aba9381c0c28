import { Button, Group, Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/project";
import { SignInForm } from "./SignInForm";

/** Signs in again above the page when a session ended, so that nothing typed or decided is lost. */
export default function SignInDialog({ onDone }: { onDone: (signedIn: boolean) => void }) {
  const { t } = useTranslation("auth");
  const me = useMe();
  return (
    <Modal
      opened
      onClose={() => onDone(false)}
      title={t("again.title")}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("again.giveUp") }}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t("again.body")}
      </Text>
      <SignInForm email={me?.email} onDone={() => onDone(true)} />
      <Group justify="center" mt="sm">
        <Button variant="subtle" color="gray" onClick={() => onDone(false)}>
          {t("again.giveUp")}
        </Button>
      </Group>
    </Modal>
  );
}
