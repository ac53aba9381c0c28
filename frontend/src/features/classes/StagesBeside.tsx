import { useTranslation } from "react-i18next";
import type { ScaleMigration } from "@/api/types";
import { StageChip } from "@/ui/StageChip";
import classes from "./ClassesPage.module.css";
import { movedPlaces } from "./draft";

/** What becomes of each stage: new stages, and what they are made of. */
export function StagesBeside({ migration }: { migration: ScaleMigration }) {
  const { t } = useTranslation("classes");
  const before = migration.stages_before;
  const uses = migration.stages.flatMap((it) => it.sources);
  const moved = movedPlaces(migration.stages.map((it) => it.sources));
  return (
    <ol className={classes.beside} aria-label={t("beside")}>
      {migration.stages.map((stage, place) => {
        const sources = before.filter((it) => stage.sources.includes(it.position));
        const isSplit = sources.some((it) => uses.filter((use) => use === it.position).length > 1);
        return (
          <li
            key={stage.position}
            data-changed={isSplit || sources.length > 1 || moved.has(place) || undefined}
          >
            <span className={classes.from}>
              {sources.map((it) => (
                <StageChip key={it.position} stage={it} count={before.length} small />
              ))}
            </span>
            <span aria-hidden="true">→</span>
            <span className={classes.to}>
              <StageChip stage={stage} count={migration.stages.length} small />
              {isSplit ? <span className={classes.tag}>{t("besideSplit")}</span> : null}
              {moved.has(place) ? <span className={classes.tag}>{t("besideMoved")}</span> : null}
              {sources.length > 1 ? <span className={classes.tag}>{t("besideMerged")}</span> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
