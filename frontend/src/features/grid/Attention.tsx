import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { API_ROOT } from "@/api/client";
import { formatDateTime } from "@/lib/format";
import classes from "./Dialogs.module.css";
import { useOutbox, useScene, useWords } from "./useGrid";

/** Decisions that the server did not take, each with its reason, until the expert has read it. */
export function Attention({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { grid } = useScene();
  const { attention } = useOutbox();
  const { t, language, nameAt } = useWords();
  const { t: tReview } = useTranslation("review");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  return (
    <Modal
      lockScroll={false}
      closeButtonProps={{ "aria-label": tCommon("close") }}
      opened={opened && attention.length > 0}
      onClose={onClose}
      title={tReview("attention.title")}
      size="lg"
    >
      <p className={classes.intro}>{tReview("attention.intro")}</p>
      <ul className={classes.list}>
        {attention.map(({ key, project, decision, outcome, code, message }) => (
          <li key={key} className={classes.item}>
            <img
              src={`${API_ROOT}/projects/${project}/photos/${decision.photo_id}/renditions/thumb`}
              alt=""
              width={80}
              height={60}
            />
            <div>
              <b>{tReview("attention.photo", { id: decision.photo_id })}</b> ·{" "}
              {decision.kind === "undo" ? t("action.undo") : nameAt(decision.stage)}
              <p>
                {tErrors(`code.${code}` as "code.offline", {
                  defaultValue: message || tReview(`attention.${outcome}`),
                })}
              </p>
              <small>{formatDateTime(decision.decided_at, language)}</small>
            </div>
            <Button variant="default" size="xs" onClick={() => void grid.outbox.dismiss(key)}>
              {tReview("attention.dismiss")}
            </Button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
