import { stageAt } from "@/api/project";
import type { QueueItem } from "@/api/types";
import { StageDot } from "@/ui/StageChip";
import classes from "./Filmstrip.module.css";
import type { HistoryEntry } from "./state";
import { useReview, useScene } from "./useBench";
import { useWords } from "./words";

const DONE = 3;
const AHEAD = 8;

/** Three photos dealt with, the current one, and those that come. A click on one dealt with looks back at it. */
export function Filmstrip() {
  const { bench } = useScene();
  const { queue, history, lookBack } = useReview();
  const { t } = useWords();
  // The window follows the one looked back at.
  const offset = Math.min(Math.max(DONE, lookBack), history.length);
  const done = history.slice(history.length - offset).slice(0, DONE);
  const [current, ...ahead] = queue;
  return (
    <nav className={classes.strip} aria-label={t("strip.label")}>
      {done.map((entry, index) => {
        const back = offset - index;
        return (
          <Done
            key={entry.decision.key}
            entry={entry}
            isShown={back === lookBack}
            onClick={() => bench.store.lookAt(back)}
          />
        );
      })}
      {current ? (
        <button
          type="button"
          className={classes.photo}
          data-current={lookBack === 0 || undefined}
          aria-current={lookBack === 0 || undefined}
          aria-label={t("strip.current")}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => bench.store.lookAt(0)}
        >
          <img src={current.thumb_url} alt="" width={64} height={48} />
        </button>
      ) : null}
      {ahead.slice(0, AHEAD).map((item) => (
        <Coming key={item.photo_id} item={item} />
      ))}
    </nav>
  );
}

function Coming({ item }: { item: QueueItem }) {
  return (
    <span className={classes.photo} data-coming>
      <img src={item.thumb_url} alt="" width={64} height={48} />
    </span>
  );
}

interface DoneProps {
  entry: HistoryEntry;
  isShown: boolean;
  onClick: () => void;
}

function Done({ entry, isShown, onClick }: DoneProps) {
  const { t, what, stages } = useWords();
  const { item, decision } = entry;
  const stage = decision.kind === "stage" ? stageAt(stages, decision.stage) : null;
  return (
    <button
      type="button"
      className={classes.photo}
      data-done
      data-current={isShown || undefined}
      aria-label={t("strip.done", { id: item.photo_id, what: what(decision) })}
      title={what(decision)}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onClick}
    >
      <img src={item.thumb_url} alt="" width={64} height={48} />
      {stage ? (
        <span className={classes.mark}>
          <StageDot stage={stage} count={stages.length} small />
        </span>
      ) : null}
    </button>
  );
}
