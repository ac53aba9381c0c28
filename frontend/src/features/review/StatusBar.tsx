import { ActionIcon, Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import { formatNumber } from "@/lib/format";
import { keepFocus } from "@/ui/focus";
import { Icon } from "@/ui/Icon";
import { KeyOf } from "./Section";
import classes from "./StatusBar.module.css";
import { useOutbox, useReview, useScene, useViewState } from "./useBench";
import { useWords } from "./words";

interface StatusBarProps {
  isPhone: boolean;
  isPanelShown: boolean;
  onHelp: () => void;
  onDetails: () => void;
  onAttention: () => void;
}

/** Where I am, whether all is saved, undo and help: always in sight. */
export function StatusBar({ isPhone, isPanelShown, onHelp, onDetails, onAttention }: StatusBarProps) {
  const { bench } = useScene();
  const { history } = useReview();
  const { attention } = useOutbox();
  const { t } = useWords();
  const undo = (
    <Button
      size="compact-sm"
      variant="default"
      disabled={history.length === 0}
      leftSection={<Icon name="undo" size={16} />}
      rightSection={isPhone ? null : <KeyOf action="undo" />}
      onMouseDown={keepFocus}
      onClick={() => bench.perform("undo")}
    >
      {t("action.undo")}
    </Button>
  );
  return (
    <header className={classes.bar}>
      <Counters isPhone={isPhone} />
      <Saving isPhone={isPhone} />
      {attention.length > 0 ? (
        <Button size="compact-sm" color="amber" variant="light" onClick={onAttention}>
          {t("attention.badge", { count: attention.length })}
        </Button>
      ) : null}
      <span className={classes.end}>
        {undo}
        {isPhone ? null : (
          <>
            <BarButton action="grid" onClick={() => bench.perform("grid")} />
            <BarButton action="help" onClick={onHelp} />
          </>
        )}
        {isPanelShown ? null : (
          <ActionIcon
            aria-label={t("action.details")}
            onMouseDown={keepFocus}
            onClick={onDetails}
            size={isPhone ? 44 : 36}
          >
            <Icon name="info" />
          </ActionIcon>
        )}
      </span>
      <Banner />
    </header>
  );
}

function BarButton({ action, onClick }: { action: "grid" | "help"; onClick: () => void }) {
  const { t } = useWords();
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="gray"
      rightSection={<KeyOf action={action} />}
      onMouseDown={keepFocus}
      onClick={onClick}
    >
      {t(`action.${action}`)}
    </Button>
  );
}

/** The server stops counting at 300; below that lie the decisions that are still on their way. */
const LEFT_COUNTED = 250;

function Counters({ isPhone }: { isPhone: boolean }) {
  const { bench } = useScene();
  useReview();
  useOutbox();
  const { t, language } = useWords();
  const counters = bench.store.counters();
  if (!counters) return <span className={classes.counters} />;
  const left = counters.left > LEFT_COUNTED ? `${LEFT_COUNTED}+` : formatNumber(counters.left, language);
  return (
    <span className={classes.counters}>
      <b>{t("counters.left", { count: left as unknown as number })}</b>
      {isPhone ? null : (
        <span>
          {t("counters.today", { count: formatNumber(counters.mine_today, language) as unknown as number })}
        </span>
      )}
    </span>
  );
}

/** Saved, on its way, or kept here; in words and not by colour alone. */
function Saving({ isPhone }: { isPhone: boolean }) {
  const { unsent, phase } = useOutbox();
  const { isOnline } = useViewState();
  const { t } = useWords();
  let tone = "saved";
  let text = t("saving.saved");
  if (!isOnline) {
    tone = "held";
    text = unsent > 0 ? t("saving.offline", { count: unsent }) : t("saving.offlineEmpty");
  } else if (phase === "waiting" || phase === "signed_out") {
    tone = "held";
    text = t("saving.waiting", { count: unsent });
  } else if (unsent > 0) {
    tone = "sending";
    text = t("saving.unsent", { count: unsent });
  }
  return (
    <span className={classes.saving} data-tone={tone} data-unsent={unsent} title={text}>
      <i aria-hidden="true" />
      {isPhone && tone === "saved" ? null : text}
    </span>
  );
}

/** Only when something asks for an action. */
function Banner() {
  const { bench } = useScene();
  const { phase, isDurable } = useOutbox();
  const { t } = useWords();
  const asked = useRef(false);
  useEffect(() => {
    // The dialog opens once by itself; who closes it keeps the banner.
    if (phase === "signed_out" && !asked.current) void bench.signInAgain();
    asked.current = phase === "signed_out";
  }, [phase, bench]);
  if (phase === "signed_out") {
    return (
      <div className={classes.banner} role="alert">
        {t("saving.signedOut")}
        <Button size="compact-sm" onClick={() => void bench.signInAgain()}>
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
