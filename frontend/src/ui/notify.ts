import { notifications } from "@mantine/notifications";
import i18n from "@/i18n";

const closing = () => ({ closeButtonProps: { "aria-label": i18n.t("close") } });

/** A short message that something went well. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: "brand", autoClose: 5000, ...closing() });
}

/** A message that something failed; it stays until closed, since it may ask for an action. */
export function notifyFailed(message: string): void {
  notifications.show({ message, color: "clay", autoClose: 12_000, ...closing() });
}
