import { Anchor, Drawer, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { stageAt, useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { AnnotationRow, PhotoDetail, Stage } from "@/api/types";
import { formatDateTime, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Problem } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import { StateBadge } from "@/ui/StateBadge";
import { Gold, GoldBadge } from "./Gold";
import classes from "./PhotoDrawer.module.css";

export interface PhotoDrawerProps {
  slug: string;
  photoId: number | null;
  onClose: () => void;
}

export function PhotoDrawer({ slug, photoId, onClose }: PhotoDrawerProps) {
  const { t } = useTranslation("photos");
  const { t: tCommon } = useTranslation();
  const photo = useQuery({ ...queries.photo(slug, photoId ?? 0), enabled: photoId !== null });
  return (
    <Drawer
      opened={photoId !== null}
      onClose={onClose}
      position="right"
      size={480}
      title={photoId === null ? "" : t("photo", { id: photoId })}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {photo.isPending ? <Skeleton height={320} /> : null}
      {photo.error ? <Problem error={photo.error} onRetry={() => void photo.refetch()} /> : null}
      {photo.data ? <Detail slug={slug} photo={photo.data} /> : null}
    </Drawer>
  );
}

function Detail({ slug, photo }: { slug: string; photo: PhotoDetail }) {
  const { t, i18n } = useTranslation("photos");
  const { scale, role } = useProject(slug);
  const { stages } = scale;
  const decided = stageAt(stages, photo.consensus?.stage_position);
  const suggested = stageAt(stages, photo.suggestion?.position);
  return (
    <div className={classes.detail}>
      {photo.status === "ready" ? (
        <a href={photo.full_url} target="_blank" rel="noreferrer" aria-label={t("openFull")}>
          <img
            className={classes.image}
            src={photo.view_url}
            alt={t("alt", { id: photo.id })}
            width={photo.width}
            height={photo.height}
          />
        </a>
      ) : (
        <StateBadge state={photo.status} label={t(`status.${photo.status}`)} />
      )}
      <dl className={classes.facts}>
        <dt>{t("fact.decided")}</dt>
        <dd>
          {decided ? (
            <>
              <StageChip stage={decided} count={stages.length} />{" "}
              {photo.consensus?.is_gold ? <GoldBadge /> : null}
            </>
          ) : photo.consensus ? (
            t(`outcome.${photo.consensus.outcome}` as "outcome.unusable", {
              defaultValue: photo.consensus.outcome,
            })
          ) : (
            t("undecided")
          )}
        </dd>
        {suggested ? (
          <>
            <dt>{t("fact.suggested")}</dt>
            <dd>
              <StageChip
                stage={suggested}
                count={stages.length}
                note={formatPercent(photo.suggestion?.confidence, i18n.language)}
              />
            </dd>
          </>
        ) : null}
        {photo.site ? (
          <>
            <dt>{t("fact.place")}</dt>
            <dd>{[photo.site, photo.plant].filter(Boolean).join(" · ")}</dd>
          </>
        ) : null}
        <dt>{t("fact.taken")}</dt>
        <dd>{formatDateTime(photo.taken_at, i18n.language)}</dd>
        <dt>{t("fact.received")}</dt>
        <dd>{formatDateTime(photo.received_at, i18n.language)}</dd>
        {photo.original_name ? (
          <>
            <dt>{t("fact.file")}</dt>
            <dd className={classes.file}>{photo.original_name}</dd>
          </>
        ) : null}
      </dl>
      {photo.status === "ready" && atLeast(role, "adjudicator") ? <Gold slug={slug} photo={photo} /> : null}
      <Title order={3} mt="md">
        {t("history.title")}
      </Title>
      {photo.annotations.length === 0 ? (
        <Text size="sm" c="dimmed" mt={4}>
          {t("history.empty")}
        </Text>
      ) : (
        <ol className={classes.history}>
          {photo.annotations.map((row) => (
            <HistoryRow key={row.id} row={row} stages={stages} />
          ))}
        </ol>
      )}
      {photo.status === "ready" ? (
        <Anchor href={photo.full_url} target="_blank" rel="noreferrer" size="sm">
          {t("openFull")}
        </Anchor>
      ) : null}
    </div>
  );
}

function HistoryRow({ row, stages }: { row: AnnotationRow; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("photos");
  const lower = stageAt(stages, row.stage_position);
  const upper = stageAt(stages, row.stage_upper_position);
  return (
    <li className={classes.entry} data-withdrawn={row.withdrawn_at !== null || undefined}>
      <div className={classes.answer}>
        {lower ? <StageChip stage={lower} count={stages.length} small /> : t(`kind.${row.kind}`)}
        {upper ? (
          <>
            {" – "}
            <StageChip stage={upper} count={stages.length} small />
          </>
        ) : null}
      </div>
      <div className={classes.by}>
        {row.is_mine ? t("history.me") : row.annotator} · {formatDateTime(row.decided_at, i18n.language)}
        {row.withdrawn_at ? ` · ${t("history.withdrawn")}` : ""}
      </div>
      {row.note ? <p className={classes.note}>{row.note}</p> : null}
    </li>
  );
}
