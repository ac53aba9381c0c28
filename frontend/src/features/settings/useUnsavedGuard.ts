import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { askToConfirm } from "@/ui/confirm";

/** Asks before leaving a page with changes that are not saved: within the app by our dialog, else by the browser's. */
export function useUnsavedGuard(isDirty: boolean): void {
  const { t } = useTranslation("settings");
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    disabled: !isDirty,
    withResolver: true,
  });
  useEffect(() => {
    if (status !== "blocked") return;
    askToConfirm({
      title: t("unsaved.title"),
      body: t("unsaved.body"),
      confirm: t("unsaved.leave"),
      cancel: t("unsaved.stay"),
      isDangerous: true,
      onConfirm: proceed,
      onCancel: reset,
    });
  }, [status, proceed, reset, t]);
}
