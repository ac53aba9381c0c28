import { Button, Modal } from "@mantine/core";
import { formatDateTime } from "@/lib/format";
import type { AttentionItem } from "@/lib/idb";
import { StageChip } from "@/ui/StageChip";
import classes from "./AttentionList.module.css";
import { isOfFormerScale } from "./refusals";
import { renditionUrl } from "./renditions";
import { useOutbox, useScene } from "./useBench";
import { useWords } from "./words";

/** Codes that have words of ours; the server's own text, which is English, stands in for any other. */
const KNOWN = [
  "scale_changed",
  "unknown_stage",
  "already_settled",
  "already_decided",
  "in_adjudication",
  "already_undone",
  "undo_too_late",
] as const;
type Known = (typeof KNOWN)[number];

/** Decisions that the server did not take, each with its reason, until the expert has read it. */
export function AttentionList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { bench, project } = useScene();
  const { attention } = useOutbox();
  const { t } = useWords();
  const hasNewScale = attention.some((item) => item.project === project.slug && isOfFormerScale(item.code));
  const dismissAll = () => {
    void bench.outbox.dismiss(...attention.map((item) => item.key));
    onClose();
  };
  return (
    <Modal
      lockScroll={false}
      opened={opened && attention.length > 0}
      onClose={onClose}
      title={hasNewScale ? t("attention.newScale") : t("attention.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("keys.close") }}
    >
      {hasNewScale ? <NewScale /> : <p className={classes.intro}>{t("attention.intro")}</p>}
      <ul className={classes.list}>
        {attention.map((item) => (
          <Refused key={item.key} item={item} />
        ))}
      </ul>
      <div className={classes.end}>
        <Button onClick={dismissAll}>{t("attention.dismissAll")}</Button>
      </div>
    </Modal>
  );
}

/** The digits mean other stages now: says so, with the stages there are. */
function NewScale() {
  const { t, stages } = useWords();
  return (
    <>
      <p className={classes.intro}>{t("attention.newScaleIntro")}</p>
      <ul className={classes.stages}>
        {stages.map((stage) => (
          <li key={stage.id}>
            <StageChip stage={stage} count={stages.length} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Refused({ item }: { item: AttentionItem }) {
  const { bench } = useScene();
  const { t, what, language } = useWords();
  const { decision, code, message, outcome } = item;
  const known = KNOWN.includes(code as Known) ? t(`attention.code.${code as Known}`) : "";
  return (
    <li className={classes.item}>
      <img src={renditionUrl(item.project, decision.photo_id, "thumb")} alt="" width={80} height={60} />
      <div>
        <b>{t("attention.photo", { id: decision.photo_id })}</b> ·{" "}
        {decision.kind === "undo" ? t("action.undo") : what(decision)}
        <p>{known || message || t(`attention.${outcome}`)}</p>
        <small>{formatDateTime(decision.decided_at, language)}</small>
      </div>
      <Button variant="default" size="xs" onClick={() => void bench.outbox.dismiss(item.key)}>
        {t("attention.dismiss")}
      </Button>
    </li>
  );
}
