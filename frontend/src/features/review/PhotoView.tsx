import { Button, Loader } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import classes from "./PhotoView.module.css";
import { usePair } from "./References";
import { usePanels, useReview, useScene, useViewState } from "./useBench";
import { useGestures } from "./useGestures";
import { useWords } from "./words";

/** The dark surround with the photo in it, and what lies over it. */
export function PhotoView({ isPhone }: { isPhone: boolean }) {
  const { bench } = useScene();
  const host = useRef<HTMLDivElement>(null);
  const { phase } = useReview();
  const { photo: words, t } = useWords();
  const { isZoomed } = useViewState();
  useLayoutEffect(() => (host.current ? bench.attach(host.current) : undefined), [bench]);
  useGestures(host, bench);
  const item = bench.store.shown;
  return (
    <div className={classes.view}>
      <div
        ref={host}
        className={classes.host}
        data-zoomed={isZoomed || undefined}
        role="img"
        aria-label={item ? words(item) : t("empty.title")}
      />
      {item ? <Overlay isPhone={isPhone} /> : <NoPhoto phase={phase} />}
    </div>
  );
}

function NoPhoto({ phase }: { phase: "loading" | "ready" | "empty" | "failed" }) {
  const { bench } = useScene();
  const { t } = useWords();
  if (phase === "empty") {
    return (
      <div className={classes.none}>
        <EmptyState icon="check" title={t("empty.title")}>
          {t("empty.body")} <span className={classes.quiet}>{t("empty.checking")}</span>
        </EmptyState>
      </div>
    );
  }
  if (phase === "failed") {
    const retry = <Button onClick={() => void bench.store.refill()}>{t("failed.retry")}</Button>;
    return (
      <div className={classes.none}>
        <EmptyState icon="warning" title={t("failed.title")} action={retry}>
          {t("failed.body")}
        </EmptyState>
      </div>
    );
  }
  return (
    <div className={classes.none}>
      <Loader color="gray" aria-label={t("photo.loading")} />
    </div>
  );
}

/** Where we are, what just happened, and hints; none of it takes pointer events from the photo. */
function Overlay({ isPhone }: { isPhone: boolean }) {
  const { hint, last, lookBack, history } = useReview();
  const { photo } = useViewState();
  const { bench } = useScene();
  const { t, what } = useWords();
  const { isReferenceOpen } = usePanels();
  const { pair, isLarge } = usePair();
  const entry = lookBack > 0 ? history[history.length - lookBack] : undefined;
  return (
    <div className={classes.overlay}>
      <div className={classes.top}>
        {entry ? (
          <span className={classes.pill} data-tone="back">
            {t("lookingBack", { count: lookBack, total: history.length })} · {what(entry.decision)}
          </span>
        ) : null}
        {!entry && last?.what === "decided" ? (
          <span key={last.entry.decision.key} className={`${classes.pill} ${classes.fading}`}>
            {what(last.entry.decision)}
          </span>
        ) : null}
      </div>
      <div className={classes.bottom}>
        {photo === "failed" ? <span className={classes.pill}>{t("photo.failed")}</span> : null}
        {hint ? (
          <span className={classes.pill} data-tone="hint">
            {t(`hint.${hint}`)}
          </span>
        ) : null}
        {/* On larger screens the question stands beside the photo. */}
        {isPhone && pair && !hint && !isLarge ? (
          <span className={classes.pill} data-tone="ask">
            {t("pair.question")}
          </span>
        ) : null}
      </div>
      {isPhone && !isReferenceOpen ? (
        <button
          type="button"
          className={classes.compare}
          aria-label={t("action.reference")}
          onClick={() => bench.perform("reference")}
        >
          <Icon name="photos" />
        </button>
      ) : null}
    </div>
  );
}
