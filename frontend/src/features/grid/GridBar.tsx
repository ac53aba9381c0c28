import { ActionIcon, UnstyledButton } from "@mantine/core";
import type { MouseEvent } from "react";
import { formatNumber } from "@/lib/format";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { StageDot } from "@/ui/StageChip";
import { SIZES } from "./fit";
import classes from "./GridBar.module.css";
import { type Tally, tally } from "./lot";
import { useGridState, useScene, useSeenVersion, useWords } from "./useGrid";

/** A mouse must not take the focus to a button: the next Enter would press it again instead of confirming. */
const keepFocus = (event: MouseEvent) => event.preventDefault();

/** What Enter would save, and a button for every key. */
export function GridBar({ isPhone }: { isPhone: boolean }) {
  const { grid } = useScene();
  const { tiles, marks } = useGridState();
  useSeenVersion();
  const count = tally(tiles, marks, grid.seen.isSeen);
  return (
    <footer className={classes.bar}>
      <Relabel count={count} isPhone={isPhone} />
      <div className={classes.row}>
        <Summary count={count} />
        <div className={classes.acts}>
          <Confirm count={count} isPhone={isPhone} />
          <Undo isPhone={isPhone} />
          {isPhone ? null : <Sizes />}
        </div>
      </div>
    </footer>
  );
}

/** In words and numbers: how many go where, and what stays. */
function Summary({ count }: { count: Tally }) {
  const { t } = useWords();
  const { hint, tiles } = useGridState();
  if (tiles.length === 0) return <span className={classes.summary} />;
  return (
    <p className={classes.summary}>
      <span className={classes.will}>{t("will.save")}</span>
      {count.saved.map(({ stage, n }) => (
        <SavedAs key={stage} position={stage} n={n} />
      ))}
      {count.nSaved === 0 ? <span>{t("will.nothing")}</span> : null}
      {count.nOut > 0 ? <span className={classes.stays}>{t("will.out", { count: count.nOut })}</span> : null}
      {count.nUnseen > 0 ? (
        <span className={classes.stays}>{t("will.unseen", { count: count.nUnseen })}</span>
      ) : null}
      {hint ? <span className={classes.hint}>{t(`hint.${hint}`)}</span> : null}
    </p>
  );
}

function SavedAs({ position, n }: { position: number; n: number }) {
  const { language, stages, nameAt } = useWords();
  const stage = stages[position];
  if (!stage) return null;
  return (
    <span className={classes.saved}>
      <b>{formatNumber(n, language)}</b>
      <StageDot stage={stage} count={stages.length} small />
      {nameAt(position)}
    </span>
  );
}

function Confirm({ count, isPhone }: { count: Tally; isPhone: boolean }) {
  const { grid } = useScene();
  const { t, nameAt, language } = useWords();
  const n = formatNumber(count.nSaved, language) as unknown as number;
  const only = count.saved.length === 1 && !isPhone ? count.saved[0] : undefined;
  const label = only
    ? t("confirm.one", { count: n, stage: nameAt(only.stage) })
    : t("confirm.many", { count: n });
  return (
    <UnstyledButton
      className={classes.confirm}
      // Stays focusable: pressing it explains why there is nothing to save.
      aria-disabled={count.nSaved + count.nOut === 0}
      onMouseDown={keepFocus}
      onClick={() => grid.perform("confirm")}
    >
      <Icon name="check" size={18} />
      <span className={classes.name}>{label}</span>
      {isPhone ? null : <Kbd>Enter</Kbd>}
    </UnstyledButton>
  );
}

function Undo({ isPhone }: { isPhone: boolean }) {
  const { grid } = useScene();
  const { lots } = useGridState();
  const { t } = useWords();
  return (
    <UnstyledButton
      className={classes.act}
      disabled={lots.length === 0}
      onMouseDown={keepFocus}
      onClick={() => grid.perform("undo")}
    >
      <Icon name="undo" size={16} />
      {t("action.undo")}
      {isPhone ? null : <Kbd>Z</Kbd>}
    </UnstyledButton>
  );
}

function Sizes() {
  const { grid } = useScene();
  const { size } = useGridState();
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/useSemanticElements: two buttons and a number, not a form's fields
    <div role="group" className={classes.sizes} aria-label={t("size.label")}>
      <ActionIcon
        aria-label={t("action.smaller")}
        title={t("action.smaller")}
        disabled={size === SIZES.at(-1)}
        onMouseDown={keepFocus}
        onClick={() => grid.perform("smaller")}
      >
        <Icon name="minus" size={18} />
      </ActionIcon>
      <span>{t("size.tiles", { count: size })}</span>
      <ActionIcon
        aria-label={t("action.larger")}
        title={t("action.larger")}
        disabled={size === SIZES[0]}
        onMouseDown={keepFocus}
        onClick={() => grid.perform("larger")}
      >
        <Icon name="plus" size={18} />
      </ActionIcon>
    </div>
  );
}

/** What the tiles that are out show instead, or the one at the cursor. On a phone only when some are out, over the photos. */
function Relabel({ count, isPhone }: { count: Tally; isPhone: boolean }) {
  const { grid } = useScene();
  const { tiles } = useGridState();
  const { t, stages, nameAt } = useWords();
  if (isPhone && count.nOut === 0) return null;
  const label = count.nOut > 0 ? t("relabel.out", { count: count.nOut }) : t("relabel.cursor");
  return (
    <fieldset className={classes.relabel} aria-label={label} data-many={stages.length > 8 || undefined}>
      <span className={classes.relabelLabel}>{label}</span>
      {stages.map((stage) => (
        <UnstyledButton
          key={stage.id}
          className={classes.stage}
          disabled={tiles.length === 0}
          aria-label={nameAt(stage.position)}
          title={nameAt(stage.position)}
          onMouseDown={keepFocus}
          onClick={() => grid.store.relabel(stage.position)}
        >
          <StageDot stage={stage} count={stages.length} />
          {isPhone ? null : <span className={classes.name}>{nameAt(stage.position)}</span>}
        </UnstyledButton>
      ))}
    </fieldset>
  );
}
