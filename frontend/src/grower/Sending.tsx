import { useEffect, useState } from "react";
import { isApple, isInstalled } from "./device";
import { useOnline } from "./hooks";
import { Icon, type IconName } from "./Icon";
import type { GrowerQueue, GrowerQueueState } from "./queue";
import { plural, t } from "./text";

/**
 * Asks the browser not to clear photos that wait. False where that was declined and matters: Safari clears what a site
 * keeps after a week without a visit, unless it is on the home screen.
 */
function useKept(): boolean {
  const [isKept, setKept] = useState(true);
  useEffect(() => {
    navigator.storage?.persist?.().then(
      (isGranted) => setKept(isGranted || isInstalled() || !isApple()),
      () => undefined,
    );
  }, []);
  return isKept;
}

interface Status {
  icon: IconName;
  title: string;
  hint: string;
}

function statusOf(phase: GrowerQueueState["phase"], isOnline: boolean): Status {
  if (!isOnline) return { icon: "noSignal", title: t("sending.offline"), hint: t("sending.offlineHint") };
  if (phase === "waiting")
    return { icon: "clock", title: t("sending.waiting"), hint: t("sending.waitingHint") };
  return { icon: "up", title: t("sending.now"), hint: "" };
}

/** Plainly and loudly: how many are still to be sent, why, and whether they are safe. */
export function Sending({ queue, state }: { queue: GrowerQueue; state: GrowerQueueState }) {
  const isOnline = useOnline();
  const isKept = useKept();
  const { unsent } = queue;
  useBadge(unsent);
  const sent = state.photos.filter((photo) => photo.state === "received").length;
  if (unsent === 0 && state.photos.length === 0 && state.others === 0) return null;
  const { icon, title, hint } = statusOf(state.phase, isOnline);
  return (
    <section className="sending" data-held={unsent > 0 || undefined} data-unsent={unsent}>
      <div role="status">
        <Icon name={unsent > 0 ? icon : "check"} size={32} />
        <p>
          <b>{unsent > 0 ? plural("unsent", unsent) : t("sending.allSent")}</b>
          {unsent > 0 ? <span>{[title, hint].filter(Boolean).join(". ")}</span> : null}
        </p>
      </div>
      {unsent > 0 && state.phase === "sending" ? (
        <progress value={sent} max={sent + unsent} aria-label={t("sending.now")} />
      ) : null}
      {unsent > 0 && state.phase === "waiting" && isOnline ? (
        <button type="button" onClick={() => queue.wake()}>
          {t("sending.retry")}
        </button>
      ) : null}
      {unsent > 0 && !isKept ? <p>{t("sending.notKept")}</p> : null}
      {state.others > 0 ? <p>{t("sending.others", { n: state.others })}</p> : null}
    </section>
  );
}

/** The count on the tab, and on the icon of the installed page. */
function useBadge(unsent: number): void {
  useEffect(() => {
    document.title = unsent > 0 ? `(${unsent}) ${t("title")}` : t("title");
    const told = unsent > 0 ? navigator.setAppBadge?.(unsent) : navigator.clearAppBadge?.();
    told?.catch(() => undefined);
  }, [unsent]);
}
