import { ActionIcon, Button, UnstyledButton } from "@mantine/core";
import { type MouseEvent, useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { LinkButton } from "@/ui/links";
import classes from "./GridStatus.module.css";
import type { Lot } from "./lot";
import { useGridState, useOutbox, useScene, useWords } from "./useGrid";

const TOAST_MS = 10_000;
const keepFocus = (event: MouseEvent) => event.preventDefault();

interface GridStatusProps {
  isPhone: boolean;
  onHelp: () => void;
  onAttention: () => void;
}

/** Whether all is saved, the lot just saved, and the ways out: always in sight. */
export function GridStatus({ isPhone, onHelp, onAttention }: GridStatusProps) {
  const { project } = useScene();
  const { attention } = useOutbox();
  const { t } = useWords();
  const { t: tReview } = useTranslation("review");
  return (
    <header className={classes.bar}>
      <h1 className={classes.title}>{t("title")}</h1>
      <Saving isPhone={isPhone} />
      {attention.length > 0 ? (
        <Button size="compact-sm" color="amber" variant="light" onClick={onAttention}>
          {tReview("attention.badge", { count: attention.length })}
        </Button>
      ) : null}
      <Toast />
      <span className={classes.end}>
        <LinkButton
          to="/p/$slug/review"
          params={{ slug: project.slug }}
          size="compact-sm"
          variant="default"
          rightSection={isPhone ? null : <Kbd>B</Kbd>}
        >
          {t("action.bench")}
        </LinkButton>
        {isPhone ? (
          <ActionIcon aria-label={t("action.help")} onClick={onHelp} size={44}>
            <Icon name="info" />
          </ActionIcon>
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            rightSection={<Kbd>?</Kbd>}
            onMouseDown={keepFocus}
            onClick={onHelp}
          >
            {t("action.help")}
          </Button>
        )}
      </span>
      <Banner />
    </header>
  );
}

function onConnection(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Saved, on its way, or kept here; in words and not by colour alone. */
function Saving({ isPhone }: { isPhone: boolean }) {
  const { unsent, phase } = useOutbox();
  const isOnline = useSyncExternalStore(onConnection, () => navigator.onLine);
  const { language } = useWords();
  const { t } = useTranslation("review");
  const n = { count: unsent, n: formatNumber(unsent, language) };
  let tone = "saved";
  let text = t("saving.saved");
  if (!isOnline) {
    tone = "held";
    text = unsent > 0 ? t("saving.offline", n) : t("saving.offlineEmpty");
  } else if (phase === "waiting" || phase === "signed_out") {
    tone = "held";
    text = t("saving.waiting", n);
  } else if (unsent > 0) {
    tone = "sending";
    text = t("saving.unsent", n);
  }
  return (
    <span className={classes.saving} data-tone={tone} data-unsent={unsent} title={text}>
      <i aria-hidden="true" />
      {isPhone && tone === "saved" ? null : text}
    </span>
  );
}

/** The lot just saved, for as long as it is news. Undo stays in the bar after. */
function Toast() {
  const { grid } = useScene();
  const { last } = useGridState();
  const { t } = useWords();
  const lot = last?.lot;
  useEffect(() => {
    if (!lot) return;
    const timer = setTimeout(() => grid.store.dismissLast(), TOAST_MS);
    return () => clearTimeout(timer);
  }, [lot, grid]);
  return (
    <div className={classes.toast} role="status" data-empty={!last || undefined}>
      {last ? (
        <>
          <Icon name={last.what === "confirmed" ? "check" : "undo"} size={18} />
          <span>{t(`toast.${last.what}`, { count: nSaved(last.lot) })}</span>
          {last.what === "confirmed" ? (
            <UnstyledButton
              className={classes.undo}
              onMouseDown={keepFocus}
              onClick={() => grid.perform("undo")}
            >
              {t("action.undo")} <Kbd>Z</Kbd>
            </UnstyledButton>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

function nSaved(lot: Lot): number {
  return lot.decisions.filter((decision) => decision.kind === "stage").length;
}

/** Only when something asks for an action. */
function Banner() {
  const { grid } = useScene();
  const { phase, isDurable } = useOutbox();
  const { t } = useTranslation("review");
  const asked = useRef(false);
  useEffect(() => {
    // The dialog opens once by itself; who closes it keeps the banner.
    if (phase === "signed_out" && !asked.current) void grid.signInAgain();
    asked.current = phase === "signed_out";
  }, [phase, grid]);
  if (phase === "signed_out") {
    return (
      <div className={classes.banner} role="alert">
        {t("saving.signedOut")}
        <Button size="compact-sm" onClick={() => void grid.signInAgain()}>
          {t("saving.signIn")}
        </Button>
      </div>
    );
  }
  return isDurable ? null : (
    <div className={classes.banner} role="alert">
      {t("saving.notDurable")}
    </div>
  );
}
