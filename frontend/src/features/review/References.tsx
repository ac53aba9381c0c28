import { UnstyledButton } from "@mantine/core";
import { stageAt } from "@/api/project";
import type { QueueItem, QueuePair, Stage } from "@/api/types";
import { examplesFor } from "@/lib/references";
import { stageDescription } from "@/lib/stages";
import { keepFocus } from "@/ui/focus";
import { StageChip, StageDot } from "@/ui/StageChip";
import { type Picture, useEnlarge } from "./Lightbox";
import classes from "./References.module.css";
import { sourcesOf } from "./referencePhotos";
import { KeyOf, Section } from "./Section";
import { usePanels, useReview, useScene } from "./useBench";
import { stagesToCompare, useWords } from "./words";

interface ReferencePhotosProps {
  stage: Stage;
  limit: number;
  /** Where the question is which of two stages it is: the other one. */
  beside?: Stage | null;
}

/** Reference photos of a stage, each of which opens large; says so when there is none. */
export function ReferencePhotos({ stage, limit, beside = null }: ReferencePhotosProps) {
  const { t, nameAt } = useWords();
  const enlarge = useEnlarge();
  const title = nameAt(stage.position);
  const examples = examplesFor(stage, beside?.id ?? null);
  const pictures: Picture[] = examples.map((photo) => ({
    id: photo.photo_id,
    thumbUrl: photo.thumb_url,
    viewUrl: photo.view_url,
    title,
  }));
  if (pictures.length === 0) return <div className={classes.none}>{t("references.none")}</div>;
  return examples.slice(0, limit).map((photo, index) => (
    <UnstyledButton
      key={photo.photo_id}
      className={classes.photo}
      aria-label={t("references.open", { stage: title, count: index + 1 })}
      onMouseDown={keepFocus}
      onClick={() => enlarge(pictures, index)}
    >
      <img {...sourcesOf(photo)} alt="" width={320} height={240} />
    </UnstyledButton>
  ));
}

/** Beside the photo, small: the two stages most worth comparing, else the whole scale. */
export function References({ item }: { item: QueueItem }) {
  const { bench } = useScene();
  const { t, stages, language } = useWords();
  const compared = stagesToCompare(item, stages);
  const isLarge = compared.length > 0;
  const shown = isLarge ? compared : stages.filter((stage) => stage.references.length > 0);
  const larger = (
    <UnstyledButton
      className={classes.larger}
      onMouseDown={keepFocus}
      onClick={() => bench.perform("reference")}
    >
      {t("references.larger")} <KeyOf action="reference" />
    </UnstyledButton>
  );
  if (shown.length === 0) {
    return (
      <Section title={t("references.title")}>
        <p className={classes.quiet}>{t("references.noneYet")}</p>
      </Section>
    );
  }
  return (
    <Section title={t("references.title")} aside={larger}>
      <div className={classes.references} data-all={!isLarge || undefined}>
        {shown.map((stage) => (
          <div key={stage.id} className={classes.reference}>
            <ReferencePhotos stage={stage} limit={isLarge ? 2 : 1} />
            <StageChip stage={stage} count={stages.length} small />
            {isLarge ? <p className={classes.quiet}>{stageDescription(stage, language)}</p> : null}
          </div>
        ))}
      </div>
    </Section>
  );
}

/** The button that answers with one side. */
export function PairAnswer({ side, pair }: { side: keyof QueuePair; pair: QueuePair }) {
  const { bench } = useScene();
  const { t, stages, nameAt } = useWords();
  const stage = stageAt(stages, pair[side]);
  if (!stage) return null;
  const name = nameAt(stage.position);
  return (
    <UnstyledButton
      className={classes.answer}
      aria-label={t(`pair.${side}`, { stage: name })}
      onMouseDown={keepFocus}
      onClick={() => bench.perform(side === "left" ? "pair_left" : "pair_right")}
    >
      <StageDot stage={stage} count={stages.length} small />
      <span className={classes.name}>{name}</span>
      <KeyOf action={side === "left" ? "pair_left" : "pair_right"} />
    </UnstyledButton>
  );
}

/** Which of two stages the photo looks more like, with reference photos of both, in the order the server drew. */
export function PairQuestion({ pair, limit }: { pair: QueuePair; limit: number }) {
  const { t, stages } = useWords();
  return (
    <fieldset className={classes.pair} aria-label={t("pair.question")}>
      {(["left", "right"] as const).map((side) => {
        const stage = stageAt(stages, pair[side]);
        const other = stageAt(stages, pair[side === "left" ? "right" : "left"]);
        return stage ? (
          <div key={side} className={classes.side}>
            <PairAnswer side={side} pair={pair} />
            <ReferencePhotos stage={stage} beside={other} limit={limit} />
          </div>
        ) : null;
      })}
    </fieldset>
  );
}

/** The question in the side panel. */
export function PairSection({ pair }: { pair: QueuePair }) {
  const { t } = useWords();
  return (
    <section className={classes.ask}>
      <h2 className={classes.question}>{t("pair.question")}</h2>
      <PairQuestion pair={pair} limit={2} />
      <p className={classes.quiet}>{t("pair.others")}</p>
    </section>
  );
}

/** The pair asked now, and whether it is asked among the large reference photos; hears of every act. */
export function usePair(): { pair: QueuePair | null; isLarge: boolean } {
  const { queue } = useReview();
  const { isReferenceOpen, chosen } = usePanels();
  const { pair } = useScene().bench.store;
  // Who steps along the stages on this photo wants to see the others.
  const isLarge = pair !== null && isReferenceOpen && chosen?.photoId !== queue[0]?.photo_id;
  return { pair, isLarge };
}
