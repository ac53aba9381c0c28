import { type RefObject, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Companion, Project, SecondLookRow, Stage } from "@/api/types";
import { formatDate } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { StageChip } from "@/ui/StageChip";
import { ZoomPhoto } from "@/ui/ZoomPhoto";
import type { Zoomable } from "@/ui/zoomable";
import classes from "./Beside.module.css";
import { comparisonOf, inTime } from "./doubt";

interface BesideProps {
  project: Project;
  row: SecondLookRow;
  zoom: RefObject<Zoomable | null>;
}

/** The photo, and beside it the one that contradicts its label; or below it the same plant in time. */
export function Beside({ project, row, zoom }: BesideProps) {
  const { t } = useTranslation("secondLook");
  const { stages } = project.scale;
  const comparison = comparisonOf(row);
  const place = [row.site, row.plant].filter(Boolean).join(", ");
  const name = t("photo", { id: row.photo_id });
  const label = stageAt(stages, row.label_position);
  return (
    <div className={classes.beside} data-kind={comparison.kind}>
      <div className={classes.photo}>
        <ZoomPhoto photo={row} alt={place ? `${name}, ${place}` : name} zoom={zoom} />
        {comparison.kind === "twin" && label ? (
          <p className={classes.caption}>
            {t("this")} <StageChip stage={label} count={stages.length} small />
          </p>
        ) : null}
      </div>
      {comparison.kind === "twin" ? <Twin twin={comparison.twin} stages={stages} /> : null}
      {comparison.kind === "visits" ? <Visits row={row} visits={comparison.visits} stages={stages} /> : null}
    </div>
  );
}

function Twin({ twin, stages }: { twin: Companion; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("secondLook");
  const stage = stageAt(stages, twin.stage_position);
  return (
    <figure className={classes.twin}>
      <img
        src={twin.view_url}
        alt={t("twinOf", { stage: stage ? stageName(stage, i18n.language) : t("noLabel") })}
      />
      <figcaption className={classes.caption}>
        {t("twin")}{" "}
        {stage ? <StageChip stage={stage} count={stages.length} small /> : <span>{t("noLabel")}</span>}
      </figcaption>
    </figure>
  );
}

interface VisitsProps {
  row: SecondLookRow;
  visits: readonly Companion[];
  stages: readonly Stage[];
}

/** The same plant in time, this photo among the others: a label that goes back is seen at once. */
function Visits({ row, visits, stages }: VisitsProps) {
  const { t, i18n } = useTranslation("secondLook");
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = strip.current?.querySelector<HTMLElement>("[aria-current]");
    // Not scrollIntoView: it would scroll the page as well.
    if (strip.current && current) {
      strip.current.scrollLeft = current.offsetLeft - (strip.current.clientWidth - current.clientWidth) / 2;
    }
  }, []);
  const here = {
    photo_id: row.photo_id,
    thumb_url: row.thumb_url,
    stage_position: row.label_position,
    taken_at: row.taken_at,
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <section ref={strip} className={classes.strip} tabIndex={0} aria-label={t("visits")}>
      <ol className={classes.visits}>
        {inTime([here, ...visits]).map((visit) => {
          const stage = stageAt(stages, visit.stage_position);
          return (
            <li key={visit.photo_id} aria-current={visit.photo_id === row.photo_id || undefined}>
              <img src={visit.thumb_url} alt="" />
              <span className={classes.when}>
                {visit.taken_at ? formatDate(visit.taken_at, i18n.language) : t("noDate")}
              </span>
              {stage ? <StageChip stage={stage} count={stages.length} small /> : <span>{t("noLabel")}</span>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
