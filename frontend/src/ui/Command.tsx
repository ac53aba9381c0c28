import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import classes from "./Command.module.css";
import { Icon } from "./Icon";

/** A line to copy: a command or a link. */
export function Command({ text }: { text: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  const label = clipboard.copied ? t("copied") : t("copy");
  return (
    <span className={classes.line}>
      <code className={classes.text}>{text}</code>
      <ActionIcon aria-label={label} title={label} onClick={() => clipboard.copy(text)}>
        <Icon name={clipboard.copied ? "check" : "copy"} size={18} />
      </ActionIcon>
    </span>
  );
}
