import { Button, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useMe, useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Project, Triage, User } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { Attention } from "./Attention";
import { choicesOf, fullest } from "./choices";
import { GridBar } from "./GridBar";
import classes from "./GridPage.module.css";
import { GridStatus } from "./GridStatus";
import type { Grid } from "./grid";
import { KeysHelp } from "./KeysHelp";
import { type Choice, isSameChoice } from "./lot";
import { PeekView } from "./Peek";
import { StageRail } from "./StageRail";
import { Tiles } from "./Tiles";
import { GridContext, useGridState, useNewGrid, useScene, useWords } from "./useGrid";

export interface GridPageProps {
  slug: string;
  /** From the address; null lets the page choose the fullest stage. */
  choice: Choice | null;
  onChoice: (choice: Choice) => void;
}

/** Many photos of one suggested stage at once: the odd ones are fixed, the rest is confirmed with one key. */
export function GridPage({ slug, ...rest }: GridPageProps) {
  const project = useProject(slug);
  const user = useMe();
  return user ? <GridOf key={`${user.id}/${slug}`} user={user} project={project} {...rest} /> : null;
}

interface GridOfProps extends Omit<GridPageProps, "slug"> {
  user: User;
  project: Project;
}

function GridOf({ user, project, choice, onChoice }: GridOfProps) {
  const grid = useNewGrid(user, project);
  const scene = useMemo(() => (grid ? { grid, project } : null), [grid, project]);
  if (!scene) return <Skeleton className={classes.page} radius={0} />;
  return (
    <GridContext.Provider value={scene}>
      <Page initial={choice} onChoice={onChoice} />
    </GridContext.Provider>
  );
}

function Page({ initial, onChoice }: { initial: Choice | null; onChoice: (choice: Choice) => void }) {
  const { grid, project } = useScene();
  const { t } = useWords();
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [open, setOpen] = useState<"help" | "attention" | null>(null);
  const counts = useQuery(queries.triage(project.slug));
  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  useHandles(grid, project, () => setOpen("help"));
  useChoice(grid, counts.data, initial, onChoice);
  const close = () => setOpen(null);
  return (
    <section className={classes.page} aria-label={t("title")}>
      <div>
        <GridStatus
          isPhone={isPhone}
          onHelp={() => setOpen("help")}
          onAttention={() => setOpen("attention")}
        />
        <StageRail counts={counts.data} />
      </div>
      <Middle counts={counts.data} isPhone={isPhone} hasFailed={counts.isError} />
      <GridBar isPhone={isPhone} />
      <PeekView />
      <Attention opened={open === "attention"} onClose={close} />
      <KeysHelp opened={open === "help"} onClose={close} />
    </section>
  );
}

/** Tells the grid how to reach the page around it. */
function useHandles(grid: Grid, project: Project, openHelp: () => void): void {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { slug, scale } = project;
  useEffect(() => {
    grid.page = {
      openHelp,
      toBench: () => void navigate({ to: "/p/$slug/review", params: { slug } }),
      step: (step) => {
        const choices = choicesOf(scale.stages.length, scale.is_ordered);
        const at = choices.findIndex((candidate) => isSameChoice(candidate, grid.store.getState().choice));
        const to = choices[at + step];
        if (to) grid.store.choose(to);
      },
      reload: () => {
        void client.invalidateQueries({ queryKey: queries.triage(slug).queryKey });
        void client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
      },
    };
  });
}

/** Starts with the choice of the address, else the fullest; afterwards the address follows the grid. */
function useChoice(
  grid: Grid,
  counts: Triage | undefined,
  initial: Choice | null,
  onChoice: (choice: Choice) => void,
): void {
  const { choice } = useGridState();
  const { project } = useScene();
  const { stages, is_ordered: isOrdered } = project.scale;
  useEffect(() => {
    const known = choicesOf(stages.length, isOrdered).find((candidate) => isSameChoice(candidate, initial));
    const wanted = choice ?? known ?? (counts ? fullest(counts) : null);
    if (!choice && wanted) grid.store.choose(wanted);
    if (choice && !isSameChoice(choice, initial)) onChoice(choice);
  }, [grid, choice, initial, counts, onChoice, stages.length, isOrdered]);
}

interface MiddleProps {
  counts: Triage | undefined;
  isPhone: boolean;
  hasFailed: boolean;
}

function Middle({ counts, isPhone, hasFailed }: MiddleProps) {
  const { grid } = useScene();
  const { phase, tiles, size, choice } = useGridState();
  const { t } = useWords();
  if (tiles.length > 0) return <Tiles isPhone={isPhone} />;
  if (phase === "failed" || (hasFailed && !choice)) {
    return (
      <div className={classes.none}>
        <EmptyState
          icon="warning"
          title={t("failed.title")}
          action={
            <Button onClick={() => (choice ? void grid.store.refill() : grid.page.reload())}>
              {t("failed.retry")}
            </Button>
          }
        >
          {t("failed.body")}
        </EmptyState>
      </div>
    );
  }
  if (counts && !counts.stages.some((count) => count.n_open > 0) && phase !== "loading")
    return <NothingAtAll />;
  if (counts && !choice) return <NothingAtAll />;
  if (phase === "empty") return <NothingHere counts={counts} />;
  return (
    <div className={classes.skeletons} aria-hidden="true">
      {Array.from({ length: isPhone ? 12 : size }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} className={classes.skeleton} />
      ))}
    </div>
  );
}

/** This stage is done; the next one is a press away. */
function NothingHere({ counts }: { counts: Triage | undefined }) {
  const { grid } = useScene();
  const { choice } = useGridState();
  const { t, nameAt } = useWords();
  const next = counts ? fullest(counts, choice) : null;
  const name = (of: Choice) =>
    of.kind === "stage"
      ? nameAt(of.position)
      : t("between", { lower: nameAt(of.position), upper: nameAt(of.position + 1) });
  return (
    <div className={classes.none}>
      <EmptyState
        icon="check"
        title={choice ? t("done.title", { name: name(choice) }) : t("empty.title")}
        action={
          next ? (
            <Button onClick={() => grid.store.choose(next)}>{t("done.next", { name: name(next) })}</Button>
          ) : null
        }
      >
        {t("done.body")}
      </EmptyState>
    </div>
  );
}

/** No suggestion waits anywhere: there is no model yet, or all is decided. */
function NothingAtAll() {
  const { project } = useScene();
  const { t } = useWords();
  return (
    <div className={classes.none}>
      <EmptyState
        icon="grid"
        title={t("empty.title")}
        action={
          <LinkButton to="/p/$slug/review" params={{ slug: project.slug }}>
            {t("empty.action")}
          </LinkButton>
        }
      >
        {t("empty.body")}
      </EmptyState>
    </div>
  );
}
