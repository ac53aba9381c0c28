import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { AdjudicationRow, Project, Settlement } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { HeldDecision } from "@/ui/HeldDecision";
import { WorkBar } from "@/ui/WorkBar";
import classes from "./AdjudicatePage.module.css";
import type { useSettling } from "./useSettling";

interface CaseBarProps {
  row: AdjudicationRow | null;
  left: number;
  hasMore: boolean;
  settling: ReturnType<typeof useSettling>;
  project: Project;
}

/** How many are left, how far this one is apart, and the last settlement while it can be taken back. */
export function CaseBar({ row, left, hasMore, settling, project }: CaseBarProps) {
  const { t, i18n } = useTranslation("adjudicate");
  const { held, undo } = settling;
  return (
    <WorkBar slug={project.slug} back={t("back")} title={t("title")} hidesTitle>
      {row ? (
        <p className={classes.left} role="status">
          <b>
            {t("left", { count: left })}
            {hasMore ? "+" : ""}
          </b>
          {row.stage_gap > 0 ? <span>{t("gap", { count: row.stage_gap })}</span> : null}
          <span className={classes.opened}>
            {t("opened", { ago: formatAgo(row.opened_at, i18n.language) })}
          </span>
        </p>
      ) : null}
      <HeldDecision undoLabel={t("undo")} onUndo={undo}>
        {held ? <SettledAs settlement={held.settlement} project={project} /> : null}
      </HeldDecision>
    </WorkBar>
  );
}

function SettledAs({ settlement, project }: { settlement: Settlement; project: Project }) {
  const { t, i18n } = useTranslation("adjudicate");
  const stage = stageAt(project.scale.stages, settlement.stage);
  if (settlement.outcome === "stage" && stage)
    return t("done.stage", { stage: stageName(stage, i18n.language) });
  return t(`done.${settlement.outcome as "unusable" | "undecidable" | "send_back"}`);
}
