import { Textarea } from "@mantine/core";
import type { RefObject } from "react";
import type { QueueItem } from "@/api/types";
import { formatDate } from "@/lib/format";
import { ProbBars } from "@/ui/ProbBars";
import { DateEvidence } from "./DateEvidence";
import { dayOfYear } from "./dayOfYear";
import { History } from "./History";
import { Neighbours } from "./Neighbours";
import { PlantStrip } from "./PlantStrip";
import { PairSection, References, usePair } from "./References";
import { FoldingSection, Section } from "./Section";
import classes from "./SidePanel.module.css";
import { usePanels, useReview, useScene } from "./useBench";
import { useWords } from "./words";

/** What the panel was opened for, when it was opened over the page. */
export type Goal = "note" | "neighbours" | "history" | null;

interface SidePanelProps {
  noteRef: RefObject<HTMLTextAreaElement | null>;
  goal: Goal;
}

/** All that helps to decide, beside the photo; drawn after it. */
export function SidePanel({ noteRef, goal }: SidePanelProps) {
  const { bench } = useScene();
  const { lookBack } = useReview();
  const { isNeighboursOpen, isHistoryOpen } = usePanels();
  const { t } = useWords();
  const item = bench.store.shown;
  if (!item) return null;
  const isDecided = lookBack > 0;
  return (
    <div className={classes.panel}>
      <Why item={item} />
      <Model item={item} />
      <DateEvidence item={item} isDecided={isDecided} />
      <Compare item={item} />
      <Note noteRef={noteRef} isGoal={goal === "note"} />
      <PlantStrip item={item} />
      <FoldingSection
        title={t("neighbours.title")}
        action="neighbours"
        isOpen={isNeighboursOpen}
        isGoal={goal === "neighbours"}
        onToggle={() => bench.panels.toggle("neighbours")}
      >
        <Neighbours item={item} isDecided={isDecided} />
      </FoldingSection>
      <FoldingSection
        title={t("history.title")}
        action="history"
        isOpen={isHistoryOpen}
        isGoal={goal === "history"}
        onToggle={() => bench.panels.toggle("history")}
      >
        <History item={item} isDecided={isDecided} />
      </FoldingSection>
      <About item={item} />
    </div>
  );
}

/** The question with two sides, or reference photos; nothing where the large ones are open beside the panel. */
function Compare({ item }: { item: QueueItem }) {
  const { pair, isLarge } = usePair();
  const { isReferenceOpen } = usePanels();
  if (pair && !isLarge) return <PairSection pair={pair} />;
  return isReferenceOpen ? null : <References item={item} />;
}

function Why({ item }: { item: QueueItem }) {
  const { t, nameAt } = useWords();
  let text = t(`why.${item.reason}`, { lower: "", upper: "" });
  if (item.reason === "boundary") {
    // On a blind photo the two names would give the suggestion away.
    const isNamed = item.boundary !== null && !item.is_blind;
    const names = { lower: nameAt(item.boundary), upper: nameAt((item.boundary ?? 0) + 1) };
    text = isNamed ? t("why.boundary", names) : t("why.boundaryPlain");
  }
  return (
    <Section title={t("why.title")}>
      <p className={classes.why} title={text}>
        {text}
      </p>
    </Section>
  );
}

function Model({ item }: { item: QueueItem }) {
  const { t, stages } = useWords();
  const suggestion = item.is_blind ? null : item.suggestion;
  const boundary = suggestion ? item.boundary : null;
  let note = boundary === null ? " " : t("model.boundary");
  if (!suggestion) note = item.is_blind ? t("model.hidden") : t("model.none");
  return (
    <Section title={t("model.title")}>
      <ProbBars
        stages={stages}
        probabilities={suggestion?.probabilities ?? null}
        best={suggestion?.position ?? null}
        boundary={boundary}
      />
      <p className={classes.quiet}>{note}</p>
    </Section>
  );
}

function Note({ noteRef, isGoal }: { noteRef: SidePanelProps["noteRef"]; isGoal: boolean }) {
  const { bench } = useScene();
  const { note } = useReview();
  const { t } = useWords();
  return (
    <section className={classes.section}>
      <Textarea
        ref={noteRef}
        data-autofocus={isGoal || undefined}
        label={t("note.label")}
        placeholder={t("note.placeholder")}
        autosize
        minRows={1}
        maxRows={4}
        value={note}
        onChange={(event) => bench.store.setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Leaves the field so that the next key decides again.
          if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
      />
    </section>
  );
}

function About({ item }: { item: QueueItem }) {
  const { t, language } = useWords();
  const none = t("info.none");
  const day = item.taken_at ? t("info.day", { day: dayOfYear(item.taken_at) }) : "";
  const rows: [string, string][] = [
    [t("info.site"), item.site || none],
    [t("info.plant"), item.plant || none],
    [t("info.date"), item.taken_at ? `${formatDate(item.taken_at, language)} · ${day}` : none],
    [t("info.size"), `${item.width} × ${item.height}`],
  ];
  return (
    <Section title={t("info.title")}>
      <dl className={classes.about}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
