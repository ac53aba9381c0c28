import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import type { QueueItem, Stage } from "@/api/types";
import type { Action } from "@/lib/benchKeys";
import { bbchRange, stageDescription } from "@/lib/stages";
import { keepFocus } from "@/ui/focus";
import { Icon } from "@/ui/Icon";
import { StageDot } from "@/ui/StageChip";
import classes from "./ReferencePane.module.css";
import { PairQuestion, ReferencePhotos, usePair } from "./References";
import { around, lastNamed } from "./referenceWindow";
import { KeyOf } from "./Section";
import { usePanels, useReview, useScene } from "./useBench";
import { useWords } from "./words";

const PHOTOS = 3;

/** Large reference photos beside the photo: three stages in a row, or the two sides of a question. */
export function ReferencePane({ isPhone }: { isPhone: boolean }) {
  const { bench } = useScene();
  const { history } = useReview();
  usePanels();
  const { t } = useWords();
  const { pair, isLarge: asks } = usePair();
  const item = bench.store.shown;
  const centre = item ? bench.panels.centre(item, lastNamed(history)) : 0;
  return (
    <section className={classes.pane} aria-label={t("references.pane")}>
      <header className={classes.bar}>
        <h2 className={classes.title}>{asks ? t("pair.question") : t("references.title")}</h2>
        <Tool action="reference_previous" icon={<Turned />} />
        <Tool action="reference_next" icon={<Icon name="chevron" size={18} />} />
        <Tool action="reference" icon={<Icon name="close" size={18} />} label={t("references.close")} />
      </header>
      {asks && pair ? (
        <div className={classes.pair}>
          <PairQuestion pair={pair} limit={isPhone ? 1 : PHOTOS} />
        </div>
      ) : (
        <Stages item={item} centre={centre} isPhone={isPhone} />
      )}
    </section>
  );
}

function Turned() {
  return (
    <span className={classes.turned}>
      <Icon name="chevron" size={18} />
    </span>
  );
}

function Tool({ action, icon, label }: { action: Action; icon: ReactNode; label?: string }) {
  const { bench } = useScene();
  const { t } = useWords();
  return (
    <ActionIcon
      className={classes.tool}
      size="auto"
      aria-label={label ?? t(`action.${action}`)}
      onMouseDown={keepFocus}
      onClick={() => bench.perform(action)}
    >
      {icon}
      <KeyOf action={action} />
    </ActionIcon>
  );
}

interface StagesProps {
  item: QueueItem | null;
  centre: number;
  isPhone: boolean;
}

function Stages({ item, centre, isPhone }: StagesProps) {
  const { t, stages, nameAt } = useWords();
  const middle = useRef<HTMLDivElement>(null);
  const id = item?.photo_id;
  // On a phone the stages lie in a strip that is wider than the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another stage comes to the middle, or another photo
  useEffect(() => {
    middle.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [centre, id]);
  const shown = around(centre, stages.length)
    .map((position) => stages[position])
    .filter((stage): stage is Stage => stage !== undefined);
  return (
    <>
      {/* On a phone it scrolls, and must do so by keyboard where there are no photos to focus. */}
      <section className={classes.stages} aria-label={t("stages")} tabIndex={isPhone ? 0 : undefined}>
        {shown.map((stage) => (
          <div
            key={stage.id}
            ref={stage.position === centre ? middle : null}
            className={classes.stage}
            data-centre={stage.position === centre || undefined}
          >
            <StageHead stage={stage} />
            <div className={classes.photos}>
              <ReferencePhotos stage={stage} limit={PHOTOS} />
            </div>
          </div>
        ))}
      </section>
      <VisuallyHidden role="status">{t("references.shown", { stage: nameAt(centre) })}</VisuallyHidden>
    </>
  );
}

function StageHead({ stage }: { stage: Stage }) {
  const { stages, nameAt, language } = useWords();
  const code = bbchRange(stage);
  const description = stageDescription(stage, language);
  return (
    <div className={classes.head}>
      <StageDot stage={stage} count={stages.length} />
      <b>{nameAt(stage.position)}</b>
      {code ? <span className={classes.code}>BBCH {code}</span> : null}
      {description ? (
        <span className={classes.description} title={description}>
          {description}
        </span>
      ) : null}
    </div>
  );
}
