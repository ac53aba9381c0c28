import { UnstyledButton } from "@mantine/core";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { SecondLookRow } from "@/api/types";
import { keyCap } from "@/lib/hotkeys";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { type Action, KEYS } from "./keys";
import type { Looks } from "./useLooks";
import classes from "./Verdicts.module.css";

/** A mouse must not take the focus to a button: the next key would press it again. */
const keepFocus = (event: MouseEvent) => event.preventDefault();

/** A button for every key that decides. */
export function Verdicts({ row, looks }: { row: SecondLookRow; looks: Looks }) {
  const { t } = useTranslation("secondLook");
  const settle = (outcome: "confirm" | "send_back" | "dismiss") => () => looks.settle(row, { outcome });
  return (
    <footer className={classes.bar}>
      <Act action="previous" onAct={() => looks.step(-1)} isQuiet>
        <Icon name="chevron" size={18} />
        <span className={classes.name}>{t("act.previous")}</span>
      </Act>
      <Act action="confirm" onAct={settle("confirm")}>
        <span className={classes.name}>{t("act.confirm")}</span>
      </Act>
      {row.is_gold ? (
        <p className={classes.refused}>{t("goldStays")}</p>
      ) : (
        <Act action="send_back" onAct={settle("send_back")} isMain>
          <span className={classes.name}>{t("act.send_back")}</span>
        </Act>
      )}
      <Act action="dismiss" onAct={settle("dismiss")}>
        <span className={classes.name}>{t("act.dismiss")}</span>
      </Act>
      <Act action="next" onAct={() => looks.step(1)} isQuiet>
        <span className={classes.name}>{t("act.next")}</span>
        <Icon name="chevron" size={18} />
      </Act>
    </footer>
  );
}

interface ActProps {
  action: Action;
  onAct: () => void;
  isMain?: boolean;
  isQuiet?: boolean;
  children: React.ReactNode;
}

function Act({ action, onAct, isMain, isQuiet, children }: ActProps) {
  return (
    <UnstyledButton
      className={classes.act}
      data-action={action}
      data-main={isMain || undefined}
      data-quiet={isQuiet || undefined}
      onMouseDown={keepFocus}
      onClick={onAct}
    >
      {children}
      <Kbd>{keyCap(KEYS[action][0] ?? "")}</Kbd>
    </UnstyledButton>
  );
}
