import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Command } from "@/ui/Command";

export interface ShownLink {
  email: string;
  /** Absolute, or a path of this site. */
  url: string;
}

/** Shows a one-time link. It cannot be seen again: only its hash is stored. */
export function LinkModal({ link, onClose }: { link: ShownLink | null; onClose: () => void }) {
  const { t } = useTranslation("people");
  return (
    <Modal
      opened={link !== null}
      onClose={onClose}
      title={t("link.title")}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("link.done") }}
    >
      {link ? (
        <Stack>
          <Text size="sm">{t("link.body", { email: link.email })}</Text>
          <Command text={new URL(link.url, window.location.origin).href} />
          <Text size="sm" c="dimmed">
            {t("link.once")}
          </Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("link.done")}</Button>
          </Group>
        </Stack>
      ) : null}
    </Modal>
  );
}
