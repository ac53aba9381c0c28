import { notifications } from "@mantine/notifications";
import i18next from "@/i18n";

/** A short message that something went well. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: "brand", autoClose: 5000, closeButtonProps: closing() });
}

/** A message that something failed; it stays until closed, since it may ask for an action. */
export function notifyFailed(message: string): void {
  notifications.show({ message, color: "clay", autoClose: 12_000, closeButtonProps: closing() });
}

function closing() {
  return { "aria-label": i18next.t("close") };
}
