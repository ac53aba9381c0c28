import { Notifications } from "@mantine/notifications";

export default function Messages() {
  return <Notifications position="bottom-center" />;
}
