import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Command } from "@/ui/Command";

/** Shows a signing secret. It cannot be seen again: the server does not keep it. */
export function SecretModal({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  const { t } = useTranslation("webhooks");
  const { t: tCommon } = useTranslation();
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={t("secret")}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {secret ? (
        <Stack>
          <Text size="sm">{t("secretBody")}</Text>
          <Command text={secret} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("done")}</Button>
          </Group>
        </Stack>
      ) : null}
    </Modal>
  );
}
