import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Stage } from "@/api/types";
import { stageName } from "@/lib/stages";
import { type Column, NONE, NOT_A_STAGE, STATES, USES } from "./columns";

/** What a code of a column is called. */
export function useCodeName(
  stages: readonly Stage[],
): (column: Pick<Column, "name" | "labels">, code: number) => string {
  const { t, i18n } = useTranslation("map");
  return useCallback(
    (column, code) => {
      const { name, labels } = column;
      if (code === NOT_A_STAGE) return t("code.other");
      if (code === NONE) return t(`code.none.${name}`);
      switch (name) {
        case "stage":
        case "suggested":
          return nameAt(stages, code, i18n.language);
        case "state":
          return t(`code.state.${STATES[code] ?? "open"}`);
        case "use":
          return t(`code.use.${USES[code] ?? "training"}`);
        case "month":
          return monthName(labels[code] ?? "", i18n.language);
        case "site":
        case "camera":
          return labels[code] ?? "";
        default:
          return code === 0 ? t(`code.same.${name}`) : t("code.apart", { count: code });
      }
    },
    [stages, t, i18n.language],
  );
}

function nameAt(stages: readonly Stage[], position: number, language: string): string {
  const stage = stageAt(stages, position);
  return stage ? stageName(stage, language) : String(position + 1);
}

/** "2026-04" as "April 2026". */
export function monthName(month: string, language: string): string {
  const date = new Date(`${month}-15T12:00:00Z`);
  if (Number.isNaN(date.getTime())) return month;
  return new Intl.DateTimeFormat(language, { month: "short", year: "numeric", timeZone: "UTC" }).format(date);
}
