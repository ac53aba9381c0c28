import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { DateEvidence as Evidence, QueueItem, SeasonSaid } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { colorOf } from "@/lib/stages";
import { Icon } from "@/ui/Icon";
import classes from "./DateEvidence.module.css";
import { dayOfSeason } from "./dayOfYear";
import { Section } from "./Section";
import { FEW_PHOTOS, isRuledOut, likeliest } from "./season";
import { useScene } from "./useBench";
import { useLingered } from "./useLingered";
import { useWords } from "./words";

interface DateEvidenceProps {
  item: QueueItem;
  isDecided: boolean;
}

/** What date, place and the plant's other photos say, beside what the image says and never mixed with it. */
export function DateEvidence({ item, isDecided }: DateEvidenceProps) {
  const { project } = useScene();
  const { t } = useWords();
  const isHidden = item.is_blind && !isDecided;
  const enabled = useLingered(item.photo_id) && !isHidden;
  const { data, isError } = useQuery({
    ...queries.dateEvidenceOf(project.slug, item.photo_id),
    enabled,
  });
  // Where the suggestion is hidden its own section says so; once is enough.
  if (!project.scale.is_ordered || isHidden) return null;
  const isKept = data?.state === "blind";
  return (
    <Section title={t("date.title")}>
      {/* Room for all of it from the beginning: nothing below moves when it comes. */}
      <div className={classes.said} data-plant={item.plant !== "" || undefined}>
        {isKept ? <p className={classes.quiet}>{t("date.hidden")}</p> : null}
        {isError ? <p className={classes.quiet}>{t("around.failed")}</p> : null}
        {data && !isKept ? <Said item={item} data={data} /> : null}
      </div>
    </Section>
  );
}

function Said({ item, data }: { item: QueueItem; data: Evidence }) {
  const { season, plant } = data;
  const { t, nameAt } = useWords();
  const isImpossible = plant !== null && isRuledOut(item.suggestion?.position, plant);
  let left = "";
  if (plant) {
    const names = { lower: nameAt(plant.lower), upper: nameAt(plant.upper) };
    left =
      plant.lower === plant.upper ? t("date.plantOne", { stage: names.lower }) : t("date.plantRange", names);
  }
  return (
    <>
      {season && item.taken_at ? (
        <Season season={season} takenAt={item.taken_at} />
      ) : (
        <p className={classes.quiet}>{t(item.taken_at ? "date.none" : "date.undated")}</p>
      )}
      {left ? <p className={classes.line}>{left}</p> : null}
      {isImpossible ? (
        <p className={classes.warning}>
          <Icon name="warning" size={16} />
          {t("date.impossible")}
        </p>
      ) : null}
    </>
  );
}

function Season({ season, takenAt }: { season: SeasonSaid; takenAt: string }) {
  const { t, language, stages, nameAt } = useWords();
  const day = dayOfSeason(takenAt, language);
  if (season.n_photos < FEW_PHOTOS) return <p className={classes.quiet}>{t("date.few", { day })}</p>;
  const [first, second] = likeliest(season.probabilities);
  const named =
    second === null
      ? t("date.mostly", { stage: nameAt(first) })
      : t("date.either", { stage: nameAt(first), other: nameAt(second) });
  const text = t(season.at_site ? "date.atSite" : "date.anywhere", { day, stages: named });
  const shares = stages.map(
    (stage) =>
      `${nameAt(stage.position)} ${formatPercent(season.probabilities[stage.position] ?? 0, language)}`,
  );
  return (
    <>
      <p className={classes.line}>
        {text} <span className={classes.count}>({t("date.photos", { count: season.n_photos })})</span>
      </p>
      <div className={classes.strip} role="img" aria-label={shares.join(", ")} title={shares.join(", ")}>
        {stages.map((stage) => (
          <span
            key={stage.id}
            style={{
              flexGrow: season.probabilities[stage.position] ?? 0,
              background: colorOf(stage, stages.length),
            }}
          />
        ))}
      </div>
    </>
  );
}
