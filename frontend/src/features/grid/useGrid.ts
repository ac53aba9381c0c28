import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project, User } from "@/api/types";
import { afterPaintOf } from "@/lib/afterPaint";
import type { OutboxState } from "@/lib/outbox";
import { stageName } from "@/lib/stages";
import { SIZES } from "./fit";
import { Grid, type Peek, SIZE_KEY } from "./grid";
import type { GridState } from "./store";

const USUAL_SIZE = 30;

function storedSize(): number {
  const size = Number(localStorage.getItem(SIZE_KEY));
  return SIZES.some((known) => known === size) ? size : USUAL_SIZE;
}

/** The grid of this page; null until the effect has made it. */
export function useNewGrid(user: User, project: Project): Grid | null {
  const [grid, setGrid] = useState<Grid | null>(null);
  // The grid outlives refetches of the project; only another project, scale or person makes a new one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const made = new Grid(user, project, storedSize());
    setGrid(made);
    void made.start();
    return () => made.close();
  }, [user.id, project.slug, project.scale.id]);
  useEffect(() => {
    const review = user.preferences.review as { keys_on?: boolean } | undefined;
    if (grid) grid.areKeysOn = review?.keys_on !== false;
  }, [grid, user.preferences]);
  return grid;
}

export interface GridScene {
  grid: Grid;
  project: Project;
}
export const GridContext = createContext<GridScene | null>(null);

export function useScene(): GridScene {
  const scene = useContext(GridContext);
  if (!scene) throw new Error("outside the grid");
  return scene;
}

export function useGridState(): GridState {
  const { store } = useScene().grid;
  return useSyncExternalStore(store.subscribe, store.getState);
}

/** One tile's look; a change of another tile draws nothing here. */
export function useTileLook(photoId: number): string {
  const { store } = useScene().grid;
  return useSyncExternalStore(store.subscribe, () => store.look(photoId));
}

export function useSeenVersion(): number {
  const { grid } = useScene();
  return useSyncExternalStore(grid.subscribeSeen, grid.getSeenVersion);
}

export function usePeek(): Peek | null {
  const { grid } = useScene();
  return useSyncExternalStore(grid.subscribePeek, grid.getPeek);
}

type Subscribe = (listener: () => void) => () => void;
const late = new WeakMap<Subscribe, Subscribe>();

/** The outbox tells of every decision of a lot; one drawing after the paint is enough. */
function lateOf(subscribe: Subscribe): Subscribe {
  const known = late.get(subscribe) ?? afterPaintOf(subscribe);
  late.set(subscribe, known);
  return known;
}

export function useOutbox(): OutboxState {
  const { outbox } = useScene().grid;
  return useSyncExternalStore(lateOf(outbox.subscribe), outbox.getState);
}

/** The words of the grid for things of the API. */
export function useWords() {
  const { t, i18n } = useTranslation("grid");
  const { stages } = useScene().project.scale;
  const nameAt = (position: number | null | undefined) => {
    const stage = stageAt(stages, position);
    return stage ? stageName(stage, i18n.language) : "";
  };
  return { t, language: i18n.language, stages, nameAt };
}
