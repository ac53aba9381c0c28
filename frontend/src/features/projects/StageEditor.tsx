import { ActionIcon, Button, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { inkOn } from "@/lib/palette";
import { Icon } from "@/ui/Icon";
import classes from "./StageEditor.module.css";
import {
  colorOfDraft,
  type DraftProblem,
  emptyDraft,
  FEWEST_STAGES,
  hotkeyOf,
  MOST_STAGES,
  moved,
  type StageDraft,
} from "./stageDraft";

export interface StageEditorProps {
  drafts: readonly StageDraft[];
  problems: ReadonlyMap<string, DraftProblem>;
  onChange: (drafts: StageDraft[]) => void;
}

/** The stages in their order; buttons move them, so that nothing depends on dragging. */
export function StageEditor({ drafts, problems, onChange }: StageEditorProps) {
  const { t } = useTranslation("projects");
  const change = (id: string, part: Partial<StageDraft>) =>
    onChange(drafts.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)));
  const listProblem = problems.get("");
  return (
    <div>
      <ol className={classes.list}>
        {drafts.map((draft, index) => (
          <StageRow
            key={draft.id}
            draft={draft}
            index={index}
            count={drafts.length}
            problem={problems.get(draft.id) ?? null}
            onChange={(part) => change(draft.id, part)}
            onMove={(step) => onChange(moved(drafts, index, step))}
            onRemove={() => onChange(drafts.filter((other) => other.id !== draft.id))}
          />
        ))}
      </ol>
      {listProblem ? (
        <Text role="alert" size="sm" c="var(--mantine-color-error)" mt="sm">
          {t(`problem.${listProblem}`)}
        </Text>
      ) : null}
      <Button
        mt="md"
        variant="default"
        leftSection={<Icon name="plus" size={18} />}
        disabled={drafts.length >= MOST_STAGES}
        onClick={() => onChange([...drafts, emptyDraft()])}
      >
        {t("addStage")}
      </Button>
    </div>
  );
}

interface StageRowProps {
  draft: StageDraft;
  index: number;
  count: number;
  problem: DraftProblem | null;
  onChange: (part: Partial<StageDraft>) => void;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
}

function StageRow({ draft, index, count, problem, onChange, onMove, onRemove }: StageRowProps) {
  const { t } = useTranslation("projects");
  const color = colorOfDraft(draft, index, count);
  const n = index + 1;
  return (
    <li className={classes.row} data-problem={problem ? true : undefined}>
      <label
        className={classes.color}
        style={{ background: color, color: inkOn(color) }}
        title={t("field.color")}
      >
        <span className={classes.digit}>{hotkeyOf(draft, index) || n}</span>
        <input
          type="color"
          value={color}
          aria-label={t("field.colorOf", { n })}
          onChange={(event) => onChange({ color: event.currentTarget.value })}
        />
      </label>
      <div className={classes.fields}>
        <TextInput
          label={t("field.name_es")}
          value={draft.name_es}
          aria-invalid={problem === "name" || problem === "name_twice" || undefined}
          onChange={(event) => onChange({ name_es: event.currentTarget.value })}
        />
        <TextInput
          label={t("field.name_en")}
          value={draft.name_en}
          onChange={(event) => onChange({ name_en: event.currentTarget.value })}
        />
        <TextInput
          label={t("field.bbch_first")}
          inputMode="numeric"
          maxLength={3}
          value={draft.bbch_first}
          onChange={(event) => onChange({ bbch_first: event.currentTarget.value })}
        />
        <TextInput
          label={t("field.bbch_last")}
          inputMode="numeric"
          maxLength={3}
          value={draft.bbch_last}
          onChange={(event) => onChange({ bbch_last: event.currentTarget.value })}
        />
        <TextInput
          label={t("field.hotkey")}
          maxLength={1}
          placeholder={hotkeyOf(draft, index)}
          value={draft.hotkey}
          onChange={(event) => onChange({ hotkey: event.currentTarget.value.trim() })}
        />
      </div>
      <div className={classes.tools}>
        <ActionIcon aria-label={t("moveUp", { n })} disabled={index === 0} onClick={() => onMove(-1)}>
          <Icon name="up" size={18} />
        </ActionIcon>
        <ActionIcon
          aria-label={t("moveDown", { n })}
          disabled={index === count - 1}
          onClick={() => onMove(1)}
        >
          <Icon name="down" size={18} />
        </ActionIcon>
        <ActionIcon aria-label={t("removeStage", { n })} disabled={count <= FEWEST_STAGES} onClick={onRemove}>
          <Icon name="trash" size={18} />
        </ActionIcon>
      </div>
      {problem ? (
        <p role="alert" className={classes.problem}>
          {t(`problem.${problem}`)}
        </p>
      ) : null}
    </li>
  );
}
