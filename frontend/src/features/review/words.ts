import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Decision, HistoryEvent, QueueItem, Stage } from "@/api/types";
import { formatDate } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { CANNOT_TELL_REASONS, UNUSABLE_REASONS } from "./reasons";
import { useScene } from "./useBench";

const REASONS = [...CANNOT_TELL_REASONS, ...UNUSABLE_REASONS];
type Reason = (typeof REASONS)[number];

type Said = Pick<Decision, "kind" | "stage" | "stage_upper" | "reason" | "scale">;

type SaidThen = NonNullable<HistoryEvent["said"]>;

/** The words of the bench for things of the API. */
export function useWords() {
  const { t, i18n } = useTranslation("review");
  const { stages, id: scaleId } = useScene().project.scale;
  const { language } = i18n;
  const nameAt = (position: number | null | undefined) => {
    const stage = stageAt(stages, position);
    return stage ? stageName(stage, language) : "";
  };
  const reasonName = (reason: string | undefined) => {
    const known = REASONS.includes(reason as Reason) ? (reason as Reason) : "other";
    return t(`reason.${known}`);
  };
  /** What a decision says; a position of a scale that is no more has no name any longer. */
  const what = ({ kind, stage, stage_upper, reason, scale }: Said): string => {
    const isFormer = scale !== null && scale !== undefined && scale !== scaleId;
    const name = (position: number | null | undefined) =>
      isFormer ? t("what.former", { number: (position ?? 0) + 1 }) : nameAt(position);
    if (kind === "between") return t("what.between", { lower: name(stage), upper: name(stage_upper) });
    if (kind === "cannot_tell" || kind === "unusable")
      return t(`what.${kind}`, { reason: reasonName(reason) });
    if (kind === "stage") return t("what.stage", { stage: name(stage) });
    return t("what.skip");
  };
  /** What an event of a photo's history says. */
  const said = ({ kind, stage_position, stage_upper_position, reason }: SaidThen): string => {
    if (kind === "undecidable" || kind === "send_back") return t("what.undecidable");
    // An adjudicator gives no reason with it.
    if (kind === "unusable" && !reason) return t("what.unusablePlain");
    return what({
      kind,
      stage: stage_position ?? undefined,
      stage_upper: stage_upper_position ?? undefined,
      reason,
    });
  };
  const photo = (item: QueueItem): string => {
    const label = t("photo.label", { id: item.photo_id });
    const place = [item.site, item.plant, item.taken_at ? formatDate(item.taken_at, language) : ""]
      .filter(Boolean)
      .join(", ");
    return place ? t("photo.place", { label, place }) : label;
  };
  return { t, language, stages, nameAt, reasonName, what, said, photo };
}

/** The two stages most worth comparing: the straddled ones, else the likeliest two; none for a blind photo. */
export function stagesToCompare(item: QueueItem, stages: readonly Stage[]): Stage[] {
  if (item.is_blind) return [];
  if (item.boundary !== null) {
    const { boundary } = item;
    return stages.filter(({ position }) => position === boundary || position === boundary + 1);
  }
  if (!item.suggestion) return [];
  const share = item.suggestion.probabilities;
  const likeliest = [...stages]
    .sort((a, b) => (share[b.position] ?? 0) - (share[a.position] ?? 0))
    .slice(0, 2);
  return likeliest.sort((a, b) => a.position - b.position);
}
