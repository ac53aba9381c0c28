import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Project, User } from "@/api/types";
import { afterPaintOf } from "@/lib/afterPaint";
import { benchSettings } from "@/lib/benchKeys";
import type { OutboxState } from "@/lib/outbox";
import { Bench, type ViewState } from "./bench";
import type { PanelState } from "./panels";
import type { ReviewState } from "./state";

/** The bench of this page; null until the effect has made it. */
export function useNewBench(user: User, project: Project): Bench | null {
  const [bench, setBench] = useState<Bench | null>(null);
  // The bench outlives refetches of the project; only another project, scale or person makes a new one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const made = new Bench(user, project, benchSettings(user.preferences));
    setBench(made);
    void made.start();
    return () => made.close();
  }, [user.id, project.slug, project.scale.id]);
  useEffect(() => {
    if (bench) bench.settings = benchSettings(user.preferences);
  }, [bench, user.preferences]);
  return bench;
}

export interface BenchScene {
  bench: Bench;
  project: Project;
}
export const BenchContext = createContext<BenchScene | null>(null);

export function useScene(): BenchScene {
  const scene = useContext(BenchContext);
  if (!scene) throw new Error("outside the bench");
  return scene;
}

type Subscribe = (listener: () => void) => () => void;

/** React hears of a change after the paint: the photo goes first. */
const late = new WeakMap<Subscribe, Subscribe>();
function lateOf(subscribe: Subscribe): Subscribe {
  const known = late.get(subscribe) ?? afterPaintOf(subscribe);
  late.set(subscribe, known);
  return known;
}

export function useReview(): ReviewState {
  const { store } = useScene().bench;
  return useSyncExternalStore(lateOf(store.subscribe), store.getState);
}

export function useOutbox(): OutboxState {
  const { outbox } = useScene().bench;
  return useSyncExternalStore(lateOf(outbox.subscribe), outbox.getState);
}

export function useViewState(): ViewState {
  const { bench } = useScene();
  return useSyncExternalStore(lateOf(bench.subscribeView), bench.getViewState);
}

export function usePanels(): PanelState {
  const { panels } = useScene().bench;
  return useSyncExternalStore(lateOf(panels.subscribe), panels.getState);
}
