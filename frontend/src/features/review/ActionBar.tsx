import { Menu, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { stageAt } from "@/api/project";
import type { Action } from "@/lib/benchKeys";
import { formatPercent } from "@/lib/format";
import { keepFocus } from "@/ui/focus";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { StageButtons } from "@/ui/StageButtons";
import stageClasses from "@/ui/StageButtons.module.css";
import classes from "./ActionBar.module.css";
import { PairAnswer, usePair } from "./References";
import { CANNOT_TELL_REASONS, UNUSABLE_REASONS } from "./reasons";
import { KeyOf } from "./Section";
import { useReview, useScene } from "./useBench";
import { useWords } from "./words";

/** A button for every key. */
export function ActionBar({ isPhone }: { isPhone: boolean }) {
  const { t } = useWords();
  const { prefix } = useReview();
  const { pair, isLarge } = usePair();
  const isReasonAsked = prefix !== null && prefix.kind !== "between";
  // A phone has no room for a side panel: the two answers take the place of the one to confirm.
  const asksHere = isPhone && pair !== null && !isLarge;
  return (
    <footer className={classes.bar}>
      <Question />
      {isReasonAsked ? <ReasonButtons kind={prefix.kind} /> : <Stages isPhone={isPhone} />}
      <div className={classes.acts} data-pair={asksHere || undefined}>
        {asksHere ? (
          <fieldset className={classes.pair} aria-label={t("pair.question")}>
            <PairAnswer side="left" pair={pair} />
            <PairAnswer side="right" pair={pair} />
          </fieldset>
        ) : (
          <ConfirmButton isPhone={isPhone} />
        )}
        <ActButton action="between" isPhone={isPhone} />
        <ActButton action="cannot_tell" isPhone={isPhone} />
        <ActButton action="unusable" isPhone={isPhone} />
        <ActButton action="skip" isPhone={isPhone} />
        <ActButton action="look_back" isPhone={isPhone} />
      </div>
    </footer>
  );
}

/** What the second key answers. */
function Question() {
  const { bench } = useScene();
  const { prefix } = useReview();
  const { t, nameAt } = useWords();
  if (!prefix) return null;
  const first = prefix.kind === "between" ? prefix.first : null;
  return (
    <div className={classes.question}>
      <span>
        {first === null ? t(`prefix.${prefix.kind}`) : t("prefix.betweenSecond", { stage: nameAt(first) })}
      </span>
      <UnstyledButton className={classes.cancel} onMouseDown={keepFocus} onClick={() => bench.store.cancel()}>
        {t("action.cancel")} <Kbd>Esc</Kbd>
      </UnstyledButton>
    </div>
  );
}

function Stages({ isPhone }: { isPhone: boolean }) {
  const { bench, project } = useScene();
  const { queue, prefix, lookBack } = useReview();
  const { t } = useWords();
  const { stages } = project.scale;
  const item = lookBack === 0 ? queue[0] : undefined;
  const suggested = item && !item.is_blind ? item.suggestion?.position : undefined;
  const first = prefix?.kind === "between" ? prefix.first : null;
  return (
    <StageButtons
      stages={stages}
      label={t("stages")}
      suggested={suggested}
      first={first}
      isDisabled={!item}
      isSmall={isPhone}
      onChoose={(position) => bench.store.choose(position)}
    >
      {isPhone ? <MoreMenu /> : null}
    </StageButtons>
  );
}

function ReasonButtons({ kind }: { kind: "cannot_tell" | "unusable" }) {
  const { bench } = useScene();
  const { t, reasonName } = useWords();
  const reasons = kind === "cannot_tell" ? CANNOT_TELL_REASONS : UNUSABLE_REASONS;
  return (
    <fieldset className={stageClasses.stages} aria-label={t(`prefix.${kind}`)}>
      {reasons.map((reason, index) => (
        <UnstyledButton
          key={reason}
          className={stageClasses.stage}
          onMouseDown={keepFocus}
          onClick={() => bench.store.choose(index)}
        >
          <Kbd>{String(index + 1)}</Kbd>
          <span className={classes.name}>{reasonName(reason)}</span>
        </UnstyledButton>
      ))}
    </fieldset>
  );
}

function ConfirmButton({ isPhone }: { isPhone: boolean }) {
  const { bench } = useScene();
  const { queue, lookBack } = useReview();
  const { t, nameAt, stages, language } = useWords();
  const item = lookBack === 0 ? queue[0] : undefined;
  const suggestion = item && !item.is_blind ? item.suggestion : null;
  const stage = stageAt(stages, suggestion?.position);
  return (
    <UnstyledButton
      className={classes.confirm}
      // Stays focusable: pressing it explains why there is nothing to confirm.
      aria-disabled={!stage}
      onMouseDown={keepFocus}
      onClick={() => bench.perform("confirm")}
    >
      <Icon name="check" size={18} />
      <span className={classes.name}>
        {stage ? t("action.confirmStage", { stage: nameAt(stage.position) }) : t("action.confirm")}
      </span>
      {suggestion ? (
        <span className={classes.share}>{formatPercent(suggestion.confidence, language)}</span>
      ) : null}
      {isPhone ? null : <KeyOf action="confirm" />}
    </UnstyledButton>
  );
}

function ActButton({ action, isPhone }: { action: Action; isPhone: boolean }): ReactNode {
  const { bench, project } = useScene();
  const { prefix, lookBack, history, queue } = useReview();
  const { t } = useWords();
  const isBack = lookBack > 0;
  if (action === "between" && !project.scale.is_ordered) return null;
  if (isPhone && action !== "skip") return null;
  const label = action === "skip" && isBack ? t("lookForward") : t(`action.${action}`);
  // Looking back, only the ways out of it are open.
  let disabled = isBack ? action !== "skip" : queue.length === 0;
  if (action === "look_back") disabled = lookBack >= history.length;
  return (
    <UnstyledButton
      className={classes.act}
      data-on={prefix?.kind === action || undefined}
      disabled={disabled}
      onMouseDown={keepFocus}
      onClick={() => bench.perform(action)}
    >
      <span className={classes.name}>{label}</span>
      {isPhone ? null : <KeyOf action={action} />}
    </UnstyledButton>
  );
}

/** On a phone the rarer acts stand behind one button, which keeps the stages large. */
function MoreMenu() {
  const { bench, project } = useScene();
  const { t } = useWords();
  const rare: Action[] = ["cannot_tell", "unusable", "look_back", "reference", "grid", "help"];
  const actions: Action[] = project.scale.is_ordered ? ["between", ...rare] : rare;
  return (
    <Menu position="top-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={stageClasses.stage} data-more>
          <Icon name="more" size={18} />
          <span className={classes.name}>{t("action.more")}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item key={action} py={12} onClick={() => bench.perform(action)}>
            {action === "help" ? t("keys.title") : t(`action.${action}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
