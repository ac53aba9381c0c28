import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { StageChip } from "@/ui/StageChip";
import { NOT_A_STAGE } from "./columns";
import { tableOf } from "./filters";
import classes from "./Selection.module.css";
import type { Scene } from "./useScene";

/** What is selected, by stage: what is decided, and what the model suggests for the rest. */
export function SelectionTable({ project, scene }: { project: Project; scene: Scene }) {
  const { t, i18n } = useTranslation("map");
  const { selected, columns } = scene;
  const { stages } = project.scale;
  const stage = columns.get("stage")?.codes;
  const suggested = columns.get("suggested")?.codes;
  const rows = useMemo(
    () => tableOf(selected, stage, suggested, stages),
    [selected, stage, suggested, stages],
  );
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("table.stage")}</th>
          <th scope="col">{t("table.settled")}</th>
          <th scope="col">{t("table.suggested")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const named = stageAt(stages, row.code);
          return (
            <tr key={row.code}>
              <th scope="row">
                {named ? (
                  <StageChip stage={named} count={stages.length} small />
                ) : (
                  t(row.code === NOT_A_STAGE ? "code.other" : "table.unknown")
                )}
              </th>
              <td>{row.settled > 0 ? formatNumber(row.settled, i18n.language) : "–"}</td>
              <td>{row.suggested > 0 ? formatNumber(row.suggested, i18n.language) : "–"}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
