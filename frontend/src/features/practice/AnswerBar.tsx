import { Button, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { stageAt, useMe } from "@/api/project";
import type { Project } from "@/api/types";
import { benchSettings } from "@/lib/benchKeys";
import { keyCap } from "@/lib/hotkeys";
import { stageName } from "@/lib/stages";
import { keepFocus } from "@/ui/focus";
import { Kbd } from "@/ui/Kbd";
import { StageButtons } from "@/ui/StageButtons";
import classes from "./AnswerBar.module.css";
import { chosen, type Step } from "./round";
import type { Practising } from "./usePractice";

interface AnswerBarProps {
  project: Project;
  practice: Practising;
  perform: (step: Step) => void;
}

/** A button for every key: the stages, then going on. */
export function AnswerBar({ project, practice, perform }: AnswerBarProps) {
  const { t } = useTranslation("practice");
  const me = useMe();
  const { keys } = benchSettings(me?.preferences ?? {});
  const { told, prefix, send } = practice;
  const { stages, is_ordered: isOrdered } = project.scale;
  const isWaiting = send.isPending || send.isError;
  const cap = (action: "confirm" | "between" | "cannot_tell") => <Kbd>{keyCap(keys[action][0] ?? "")}</Kbd>;
  return (
    <footer className={classes.bar}>
      {prefix ? <Prefixed project={project} practice={practice} /> : null}
      <StageButtons
        stages={stages}
        label={t("stages")}
        first={prefix?.first ?? null}
        isDisabled={told !== null || isWaiting}
        onChoose={(position) => perform(chosen(position, prefix))}
      />
      <div className={classes.acts}>
        {send.isError ? (
          <Button onClick={practice.retry}>{t("retry")}</Button>
        ) : (
          <Button
            className={classes.next}
            disabled={!told}
            rightSection={cap("confirm")}
            onMouseDown={keepFocus}
            onClick={() => perform({ kind: "next" })}
          >
            {t("next")}
          </Button>
        )}
        {isOrdered ? (
          <UnstyledButton
            className={classes.act}
            data-on={prefix !== null || undefined}
            disabled={told !== null || isWaiting}
            onMouseDown={keepFocus}
            onClick={() => perform({ kind: "wait", prefix: { first: null } })}
          >
            {t("between")} {cap("between")}
          </UnstyledButton>
        ) : null}
        <UnstyledButton
          className={classes.act}
          disabled={told !== null || isWaiting}
          onMouseDown={keepFocus}
          onClick={() => perform({ kind: "say", said: { kind: "cannot_tell" } })}
        >
          {t("cannotTell")} {cap("cannot_tell")}
        </UnstyledButton>
      </div>
    </footer>
  );
}

/** What the next stage answers. */
function Prefixed({ project, practice }: { project: Project; practice: Practising }) {
  const { t, i18n } = useTranslation("practice");
  const first = stageAt(project.scale.stages, practice.prefix?.first);
  return (
    <div className={classes.question} role="status">
      <span>
        {first ? t("betweenSecond", { stage: stageName(first, i18n.language) }) : t("betweenFirst")}
      </span>
      <UnstyledButton
        className={classes.cancel}
        onMouseDown={keepFocus}
        onClick={() => practice.setPrefix(null)}
      >
        {t("cancel")} <Kbd>Esc</Kbd>
      </UnstyledButton>
    </div>
  );
}
