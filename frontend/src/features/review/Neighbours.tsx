import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { Neighbour, QueueItem } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { keepFocus } from "@/ui/focus";
import { StageDot } from "@/ui/StageChip";
import { type Picture, useEnlarge } from "./Lightbox";
import classes from "./Neighbours.module.css";
import { useScene } from "./useBench";
import { useLingered } from "./useLingered";
import { useWords } from "./words";

const COUNT = 6;

/** Labelled photos that look most like this one, by the model's own eye; on a blind photo only once it is decided. */
export function Neighbours({ item, isDecided }: { item: QueueItem; isDecided: boolean }) {
  const { project } = useScene();
  const { t } = useWords();
  const isHidden = item.is_blind && !isDecided;
  const enabled = useLingered(item.photo_id) && !isHidden;
  const { data, isError } = useQuery({
    ...queries.neighboursOf(project.slug, item.photo_id, COUNT),
    enabled,
  });
  let why = "";
  if (isHidden || data?.state === "blind") why = t("neighbours.blind");
  else if (isError) why = t("around.failed");
  else if (data?.state === "no_model" || data?.state === "no_vector") why = t(`neighbours.${data.state}`);
  else if (data?.items.length === 0) why = t("neighbours.none");
  if (why) return <p className={classes.why}>{why}</p>;
  return <Found items={data?.items ?? []} />;
}

function Found({ items }: { items: readonly Neighbour[] }) {
  const { t, stages, nameAt, language } = useWords();
  const enlarge = useEnlarge();
  const alike = (neighbour: Neighbour) =>
    t("neighbours.alike", { share: formatPercent(neighbour.similarity, language) });
  const pictures: Picture[] = items.map((neighbour) => ({
    id: neighbour.photo_id,
    thumbUrl: neighbour.thumb_url,
    viewUrl: neighbour.view_url,
    title: nameAt(neighbour.stage_position),
    note: `${t("photo.label", { id: neighbour.photo_id })} · ${alike(neighbour)}`,
  }));
  // The places are there before the photos: nothing below moves when they come.
  const places = Array.from({ length: COUNT }, (_, index) => items[index] ?? null);
  return (
    <ul className={classes.found}>
      {places.map((neighbour, index) => {
        const stage = stageAt(stages, neighbour?.stage_position);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: places, not photos
          <li key={index}>
            {neighbour && stage ? (
              <UnstyledButton
                className={classes.neighbour}
                aria-label={t("neighbours.open", { stage: nameAt(stage.position) })}
                title={alike(neighbour)}
                onMouseDown={keepFocus}
                onClick={() => enlarge(pictures, index)}
              >
                <img src={neighbour.thumb_url} alt="" width={96} height={72} />
                <span className={classes.name}>
                  <StageDot stage={stage} count={stages.length} small />
                  <span>{nameAt(stage.position)}</span>
                </span>
              </UnstyledButton>
            ) : (
              <span className={classes.place} />
            )}
          </li>
        );
      })}
    </ul>
  );
}
