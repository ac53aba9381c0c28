import { Button, Modal } from "@mantine/core";
import { API_ROOT } from "@/api/client";
import { formatDateTime } from "@/lib/format";
import classes from "./AttentionList.module.css";
import { useOutbox, useScene } from "./useBench";
import { useWords } from "./words";

/** Decisions that the server did not take, each with its reason, until the expert has read it. */
export function AttentionList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { bench } = useScene();
  const { attention } = useOutbox();
  const { t, what, language } = useWords();
  return (
    <Modal
      lockScroll={false}
      opened={opened && attention.length > 0}
      onClose={onClose}
      title={t("attention.title")}
      size="lg"
    >
      <p className={classes.intro}>{t("attention.intro")}</p>
      <ul className={classes.list}>
        {attention.map((item) => (
          <li key={item.key} className={classes.item}>
            <img
              src={`${API_ROOT}/projects/${item.project}/photos/${item.decision.photo_id}/renditions/thumb`}
              alt=""
              width={80}
              height={60}
            />
            <div>
              <b>{t("attention.photo", { id: item.decision.photo_id })}</b> ·{" "}
              {item.decision.kind === "undo" ? t("action.undo") : what(item.decision)}
              <p>{item.message || t(`attention.${item.outcome}`)}</p>
              <small>{formatDateTime(item.decision.decided_at, language)}</small>
            </div>
            <Button variant="default" size="xs" onClick={() => void bench.outbox.dismiss(item.key)}>
              {t("attention.dismiss")}
            </Button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
