import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { PlantPhoto, QueueItem } from "@/api/types";
import { formatDate } from "@/lib/format";
import { keepFocus } from "@/ui/focus";
import { StageDot } from "@/ui/StageChip";
import { type Picture, useEnlarge } from "./Lightbox";
import classes from "./PlantStrip.module.css";
import { axisOf } from "./plantAxis";
import { Section } from "./Section";
import { useScene } from "./useBench";
import { useLingered } from "./useLingered";
import { useWords } from "./words";

/** The same plant in time order, with the stage that was agreed for each photo. */
export function PlantStrip({ item }: { item: QueueItem }) {
  const { project } = useScene();
  const { t } = useWords();
  const enabled = useLingered(item.photo_id) && item.plant !== "";
  const { data, isError } = useQuery({ ...queries.plantOf(project.slug, item.photo_id), enabled });
  if (item.plant === "") return null;
  let below = "";
  if (isError) below = t("around.failed");
  else if (data && data.photos.length < 2) below = t("plant.alone");
  return (
    <Section title={t("plant.title", { plant: item.plant })}>
      {/* Holds its place from the beginning, so that nothing moves when the photos come. */}
      <div className={classes.place}>
        {data && data.photos.length > 1 ? <Strip photos={data.photos} /> : null}
        {below ? <p className={classes.quiet}>{below}</p> : null}
      </div>
    </Section>
  );
}

function Strip({ photos }: { photos: readonly PlantPhoto[] }) {
  const { t, language, nameAt } = useWords();
  const enlarge = useEnlarge();
  const current = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const here = current.current;
    const strip = here?.parentElement;
    // Not `scrollIntoView`: that would scroll the panel as well.
    if (here && strip) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.clientWidth) / 2;
  }, []);
  const said = (photo: PlantPhoto) =>
    photo.stage_position === null ? t("plant.open") : nameAt(photo.stage_position);
  const pictures: Picture[] = photos.map((photo) => ({
    id: photo.photo_id,
    thumbUrl: photo.thumb_url,
    viewUrl: photo.view_url,
    title: t("photo.label", { id: photo.photo_id }),
    note: `${photo.taken_at ? formatDate(photo.taken_at, language) : t("plant.noDate")} · ${said(photo)}`,
  }));
  const axis = axisOf(photos, language);
  return (
    <ol className={classes.strip}>
      {photos.map((photo, index) => {
        const { year, day } = axis[index] ?? { year: "", day: "" };
        return (
          <li
            key={photo.photo_id}
            ref={photo.is_current ? current : null}
            className={classes.item}
            data-current={photo.is_current || undefined}
            aria-current={photo.is_current || undefined}
          >
            <span className={classes.year}>{year}</span>
            <UnstyledButton
              className={classes.photo}
              aria-label={t("plant.photo", { date: `${day} ${year}`.trim(), stage: said(photo) })}
              onMouseDown={keepFocus}
              onClick={() => enlarge(pictures, index)}
            >
              <img src={photo.thumb_url} alt="" width={64} height={48} loading="lazy" />
              <Mark position={photo.stage_position} />
            </UnstyledButton>
            <span className={classes.day}>{day || t("plant.noDate")}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Mark({ position }: { position: number | null }) {
  const { stages } = useWords();
  const stage = stageAt(stages, position);
  return stage ? (
    <span className={classes.mark}>
      <StageDot stage={stage} count={stages.length} small />
    </span>
  ) : null;
}
