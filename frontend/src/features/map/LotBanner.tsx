import { Button, Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";
import { Icon } from "@/ui/Icon";
import classes from "./Selection.module.css";
import type { Lots } from "./useLots";

/** What was decided last: still to be taken back, being sent, or how it went. */
export function LotBanner({ lots }: { lots: Lots }) {
  const { t, i18n } = useTranslation("map");
  const { held, sending, last } = lots;
  const number = (n: number) => formatNumber(n, i18n.language);
  return (
    <div className={classes.banner} role="status" data-empty={(!held && !sending && !last) || undefined}>
      {held ? (
        <>
          <Icon name="check" size={18} />
          <span>{t("lot.held", { count: held.n, n: number(held.n) })}</span>
          <Button size="compact-sm" variant="white" onClick={() => void lots.undo()}>
            {t("lot.undo")}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={lots.sendNow}>
            {t("lot.now")}
          </Button>
        </>
      ) : null}
      {sending ? (
        <div className={classes.sending}>
          <span>{t("lot.sending", { sent: number(sending.sent), n: number(sending.n) })}</span>
          <Progress value={(sending.sent / Math.max(sending.n, 1)) * 100} aria-label={t("lot.progress")} />
        </div>
      ) : null}
      {!held && !sending && last ? (
        <>
          <span>
            {t("lot.done", { count: last.done.length, n: number(last.done.length) })}
            {[...last.refused].map(([code, n]) => (
              <span key={code} className={classes.refused}>
                {number(n)}: {t(`refused.${code}` as "refused.already_settled", { defaultValue: code })}
              </span>
            ))}
          </span>
          {last.decisions.length > 0 ? (
            <Button size="compact-sm" variant="white" onClick={() => void lots.undo()}>
              {t("lot.undo")}
            </Button>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
