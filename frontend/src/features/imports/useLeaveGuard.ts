import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { askToConfirm } from "@/ui/confirm";

/** Asks before leaving while files are on their way: they are sent by this page and stop with it. */
export function useLeaveGuard(isSending: boolean): void {
  const { t } = useTranslation("imports");
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => isSending,
    enableBeforeUnload: () => isSending,
    disabled: !isSending,
    withResolver: true,
  });
  useEffect(() => {
    if (status !== "blocked") return;
    askToConfirm({
      title: t("leave.title"),
      body: t("leave.body"),
      confirm: t("leave.leave"),
      cancel: t("leave.stay"),
      isDangerous: true,
      onConfirm: proceed,
      onCancel: reset,
    });
  }, [status, proceed, reset, t]);
}
