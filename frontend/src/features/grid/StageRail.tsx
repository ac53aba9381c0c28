import { UnstyledButton } from "@mantine/core";
import { Fragment, useEffect, useRef } from "react";
import { stageAt } from "@/api/project";
import type { Stage, Triage } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { stageDigit, stageName } from "@/lib/stages";
import { StageDot } from "@/ui/StageChip";
import { type Choice, isSameChoice } from "./lot";
import classes from "./StageRail.module.css";
import { useGridState, useScene, useWords } from "./useGrid";

/** The scale as a row: each stage with the number of photos the model takes for it, and between two the undecided ones. */
export function StageRail({ counts }: { counts: Triage | undefined }) {
  const { t, stages } = useWords();
  const { project } = useScene();
  const { choice } = useGridState();
  const rail = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when the choice changes
  useEffect(() => {
    rail.current
      ?.querySelector("[aria-pressed=true]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [choice]);
  return (
    <nav ref={rail} className={classes.rail} aria-label={t("rail.label")}>
      {stages.map((stage, index) => {
        const upper = stageAt(stages, stage.position + 1);
        return (
          <Fragment key={stage.id}>
            <StageButton stage={stage} count={counts?.stages.find((it) => it.position === stage.position)} />
            {upper && project.scale.is_ordered && index < stages.length - 1 ? (
              <BoundaryButton
                lower={stage}
                upper={upper}
                count={counts?.boundaries.find((it) => it.boundary === stage.position)}
              />
            ) : null}
          </Fragment>
        );
      })}
    </nav>
  );
}

interface Count {
  n_open: number;
  is_capped: boolean;
}

function useCount(count: Count | undefined): string {
  const { language } = useWords();
  if (!count) return "";
  return formatNumber(count.n_open, language) + (count.is_capped ? "+" : "");
}

function StageButton({ stage, count }: { stage: Stage; count: Count | undefined }) {
  const { t, language, stages } = useWords();
  const n = useCount(count);
  const name = stageName(stage, language);
  return (
    <RailButton
      choice={{ kind: "stage", position: stage.position }}
      isEmpty={count?.n_open === 0}
      label={t("rail.stage", { stage: name, n: n || "…" })}
      className={classes.stage}
    >
      <StageDot stage={stage} count={stages.length} />
      <span className={classes.text}>
        <span className={classes.name}>{name}</span>
        <span className={classes.count}>{n}</span>
      </span>
    </RailButton>
  );
}

interface BoundaryButtonProps {
  lower: Stage;
  upper: Stage;
  count: Count | undefined;
}

function BoundaryButton({ lower, upper, count }: BoundaryButtonProps) {
  const { t, language } = useWords();
  const n = useCount(count);
  const names = { lower: stageName(lower, language), upper: stageName(upper, language) };
  return (
    <RailButton
      choice={{ kind: "boundary", position: lower.position }}
      isEmpty={count?.n_open === 0}
      label={t("rail.boundary", { ...names, n: n || "…" })}
      className={classes.boundary}
    >
      <span className={classes.pair}>
        {stageDigit(lower)}
        <i />
        {stageDigit(upper)}
      </span>
      <span className={classes.count}>{n}</span>
    </RailButton>
  );
}

interface RailButtonProps {
  choice: Choice;
  isEmpty: boolean;
  label: string;
  className: string | undefined;
  children: React.ReactNode;
}

function RailButton({ choice, isEmpty, label, className, children }: RailButtonProps) {
  const { grid } = useScene();
  const { choice: current } = useGridState();
  const isCurrent = isSameChoice(choice, current);
  return (
    <UnstyledButton
      className={className}
      data-empty={isEmpty || undefined}
      aria-pressed={isCurrent}
      aria-label={label}
      title={label}
      onClick={() => grid.store.choose(choice)}
    >
      {children}
    </UnstyledButton>
  );
}
