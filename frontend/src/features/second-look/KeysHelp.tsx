import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { keyCap } from "@/lib/hotkeys";
import { Kbd } from "@/ui/Kbd";
import classes from "./KeysHelp.module.css";
import { ACTIONS, KEYS } from "./keys";

/** Every key of the page, and what each decision does. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("secondLook");
  const { t: tCommon } = useTranslation();
  return (
    <Modal
      lockScroll={false}
      closeButtonProps={{ "aria-label": tCommon("close") }}
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      size="lg"
    >
      <dl className={classes.keys}>
        {ACTIONS.map((action) => (
          <div key={action}>
            <dt>{t(`act.${action}`)}</dt>
            <dd>
              <Kbd>{keyCap(KEYS[action][0] ?? "")}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
      <dl className={classes.meaning}>
        {(["confirm", "send_back", "dismiss"] as const).map((action) => (
          <div key={action}>
            <dt>{t(`act.${action}`)}</dt>
            <dd>{t(`means.${action}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
