import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { PhotoRow, Stage } from "@/api/types";
import { formatDate, formatPercent } from "@/lib/format";
import { Icon } from "@/ui/Icon";
import { StageChip } from "@/ui/StageChip";
import { GoldBadge } from "./Gold";
import classes from "./PhotoTile.module.css";

export interface PhotoTileProps {
  photo: PhotoRow;
  stages: readonly Stage[];
  onOpen: () => void;
}

/** One photo of the grid: the picture, what it was decided to be, where and when. */
export function PhotoTile({ photo, stages, onOpen }: PhotoTileProps) {
  const { t, i18n } = useTranslation("photos");
  const place = [photo.site, photo.plant].filter(Boolean).join(" · ");
  return (
    <button type="button" className={classes.tile} onClick={onOpen}>
      <span className={classes.frame}>
        {photo.status === "ready" ? (
          <img
            src={photo.thumb_url}
            alt={t("alt", { id: photo.id })}
            loading="lazy"
            decoding="async"
            className={classes.image}
          />
        ) : (
          <span className={classes.missing}>
            <Icon name={photo.status === "rejected" ? "warning" : "photos"} size={24} />
            {photo.status === "rejected"
              ? t(`rejection.${photo.rejection}` as "rejection.truncated", { defaultValue: photo.rejection })
              : t("status.received")}
          </span>
        )}
      </span>
      {photo.consensus?.is_gold ? (
        <span className={classes.gold}>
          <GoldBadge />
        </span>
      ) : null}
      <span className={classes.verdict}>
        <Verdict photo={photo} stages={stages} />
      </span>
      <span className={classes.meta}>
        {place || photo.original_name || `#${photo.id}`}
        {photo.taken_at ? ` · ${formatDate(photo.taken_at, i18n.language)}` : ""}
      </span>
    </button>
  );
}

function Verdict({ photo, stages }: { photo: PhotoRow; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("photos");
  const decided = stageAt(stages, photo.consensus?.stage_position);
  if (decided) return <StageChip stage={decided} count={stages.length} />;
  if (photo.consensus) {
    return (
      <>
        {t(`outcome.${photo.consensus.outcome}` as "outcome.unusable", {
          defaultValue: photo.consensus.outcome,
        })}
      </>
    );
  }
  const suggested = stageAt(stages, photo.suggestion?.position);
  if (suggested) {
    return (
      <span className={classes.suggested}>
        <StageChip
          stage={suggested}
          count={stages.length}
          note={`${t("model")} ${formatPercent(photo.suggestion?.confidence, i18n.language)}`}
        />
      </span>
    );
  }
  return <span className={classes.open}>{photo.status === "ready" ? t("undecided") : ""}</span>;
}
