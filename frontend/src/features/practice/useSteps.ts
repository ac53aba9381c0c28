import { type RefObject, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/project";
import type { Project } from "@/api/types";
import { benchSettings } from "@/lib/benchKeys";
import { isForeign } from "@/lib/hotkeys";
import { notifyFailed } from "@/ui/notify";
import type { Zoomable } from "@/ui/zoomable";
import type { Answering } from "./AnswerBar";
import { type Said, type Step, stepOf } from "./round";

export interface Stepping extends Answering {
  /** The photo that is asked; nothing is listened to without one. */
  question: unknown;
  say: (said: Said) => void;
  goOn: () => void;
}

/** What the keys and the buttons of an answer do: listens to the keys, gives back what the buttons call. */
export function useSteps(
  project: Project,
  stepping: Stepping,
  zoom: RefObject<Zoomable | null>,
): (step: Step) => void {
  const { t } = useTranslation("practice");
  const me = useMe();
  const settings = benchSettings(me?.preferences ?? {});
  const perform = (step: Step) => {
    const acts: Record<Exclude<Step["kind"], "say" | "wait">, () => void> = {
      next: stepping.goOn,
      cancel: () => stepping.setPrefix(null),
      not_adjacent: () => notifyFailed(t("notAdjacent")),
      zoom_in: () => zoom.current?.step(1),
      zoom_out: () => zoom.current?.step(-1),
      zoom_reset: () => zoom.current?.reset(),
    };
    if (step.kind === "say") stepping.say(step.said);
    else if (step.kind === "wait") stepping.setPrefix(step.prefix);
    else acts[step.kind]();
  };
  useEffect(() => {
    if (!settings.isOn || !stepping.question) return;
    const onKey = (event: KeyboardEvent) => {
      const isDialogOpen = document.querySelector("[role='dialog'][aria-modal='true']") !== null;
      if (isForeign(event, { allowRepeat: false, isDialogOpen })) return;
      const step = stepOf(event, {
        stages: project.scale.stages,
        keys: settings.keys,
        prefix: stepping.prefix,
        isTold: stepping.told !== null,
        isOrdered: project.scale.is_ordered,
      });
      if (!step) return;
      event.preventDefault();
      perform(step);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  return perform;
}
