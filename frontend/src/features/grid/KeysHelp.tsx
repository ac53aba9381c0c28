import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { keyCap } from "@/lib/hotkeys";
import { Kbd } from "@/ui/Kbd";
import classes from "./Dialogs.module.css";
import { ACTIONS, KEYS } from "./keys";
import { useWords } from "./useGrid";

/** Every key of the grid. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useWords();
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
      <p className={classes.intro}>{t("keys.intro")}</p>
      <dl className={classes.keys}>
        {ACTIONS.map((action) => (
          <div key={action}>
            <dt>{t(`action.${action}`)}</dt>
            <dd>
              <Kbd>{keyCap(KEYS[action]?.[0] ?? "")}</Kbd>
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("keys.digit")}</dt>
          <dd>
            <Kbd>1</Kbd> … <Kbd>9</Kbd>
          </dd>
        </div>
        <div>
          <dt>{t("keys.move")}</dt>
          <dd>
            <Kbd>←</Kbd> <Kbd>↑</Kbd> <Kbd>↓</Kbd> <Kbd>→</Kbd>
          </dd>
        </div>
        <div>
          <dt>{t("keys.range")}</dt>
          <dd>
            <Kbd>Shift</Kbd>
          </dd>
        </div>
        <div>
          <dt>{t("keys.peek")}</dt>
          <dd>
            <Kbd>Alt</Kbd>
          </dd>
        </div>
      </dl>
      <p className={classes.intro}>{t("keys.seen")}</p>
    </Modal>
  );
}
