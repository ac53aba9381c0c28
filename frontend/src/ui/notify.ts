import { notifications } from "@mantine/notifications";

/** A short message that something went well. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: "brand", autoClose: 5000 });
}

/** A message that something failed; it stays until closed, since it may ask for an action. */
export function notifyFailed(message: string): void {
  notifications.show({ message, color: "clay", autoClose: 12_000 });
}
