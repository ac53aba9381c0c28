import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { AdjudicationRow, Project, Settlement } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { LinkAnchor } from "@/ui/links";
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
    <header className={classes.bar}>
      <LinkAnchor
        to="/p/$slug"
        params={{ slug: project.slug }}
        className={classes.back}
        aria-label={t("back")}
      >
        <Icon name="chevron" size={20} />
      </LinkAnchor>
      <h1 className={classes.title}>{t("title")}</h1>
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
      <div className={classes.held} role="status" data-empty={!held || undefined}>
        {held ? (
          <>
            <Icon name="check" size={18} />
            <SettledAs settlement={held.settlement} project={project} />
            <Button
              size="compact-sm"
              variant="white"
              rightSection={<Kbd>Z</Kbd>}
              onMouseDown={(event) => event.preventDefault()}
              onClick={undo}
            >
              {t("undo")}
            </Button>
          </>
        ) : null}
      </div>
    </header>
  );
}

function SettledAs({ settlement, project }: { settlement: Settlement; project: Project }) {
  const { t, i18n } = useTranslation("adjudicate");
  const stage = stageAt(project.scale.stages, settlement.stage);
  if (settlement.outcome === "stage" && stage)
    return <span>{t("done.stage", { stage: stageName(stage, i18n.language) })}</span>;
  return <span>{t(`done.${settlement.outcome as "unusable" | "undecidable" | "send_back"}`)}</span>;
}
