import { Textarea, UnstyledButton } from "@mantine/core";
import { type MouseEvent, type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Settlement, Stage } from "@/api/types";
import { stageName } from "@/lib/stages";
import { Kbd } from "@/ui/Kbd";
import { StageDot } from "@/ui/StageChip";
import { SEND_BACK_KEY, UNDECIDABLE_KEY, UNUSABLE_KEY } from "./keys";
import classes from "./Verdict.module.css";

/** A mouse must not take the focus to a button: the next key would press it again. */
const keepFocus = (event: MouseEvent) => event.preventDefault();

export interface VerdictProps {
  stages: readonly Stage[];
  note: string;
  onNote: (note: string) => void;
  /** Sending back was asked for without saying what to look at. */
  isNoteWanted: boolean;
  noteRef: RefObject<HTMLTextAreaElement | null>;
  onSettle: (settlement: Settlement) => void;
  onSendBack: () => void;
}

/** A button for every key; a digit settles and goes on. */
export function Verdict(props: VerdictProps) {
  const { stages, note, onNote, isNoteWanted, noteRef, onSettle, onSendBack } = props;
  const { t, i18n } = useTranslation("adjudicate");
  // On a phone the field would take the photo's place: it comes when somebody wants to write.
  const [isWriting, setIsWriting] = useState(false);
  const write = () => {
    setIsWriting(true);
    requestAnimationFrame(() => noteRef.current?.focus());
  };
  const others = [
    ["unusable", UNUSABLE_KEY, () => onSettle({ outcome: "unusable" })],
    ["undecidable", UNDECIDABLE_KEY, () => onSettle({ outcome: "undecidable" })],
    ["sendBack", SEND_BACK_KEY, onSendBack],
  ] as const;
  return (
    <footer className={classes.bar}>
      <fieldset
        className={classes.stages}
        aria-label={t("settle")}
        data-many={stages.length > 8 || undefined}
      >
        {stages.map((stage) => (
          <UnstyledButton
            key={stage.id}
            className={classes.stage}
            onMouseDown={keepFocus}
            onClick={() => onSettle({ outcome: "stage", stage: stage.position })}
          >
            <StageDot stage={stage} count={stages.length} />
            <span className={classes.name}>{stageName(stage, i18n.language)}</span>
          </UnstyledButton>
        ))}
      </fieldset>
      <div className={classes.row} data-writing={isWriting || isNoteWanted || note !== "" || undefined}>
        <UnstyledButton className={classes.write} onClick={write}>
          {t("note")}
        </UnstyledButton>
        <Textarea
          ref={noteRef}
          className={classes.note}
          aria-label={t("note")}
          placeholder={t("notePlaceholder")}
          error={isNoteWanted ? t("noteWanted") : null}
          autosize
          minRows={1}
          maxRows={4}
          value={note}
          onChange={(event) => onNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              onSendBack();
            }
          }}
        />
        {others.map(([name, key, act]) => (
          <UnstyledButton key={name} className={classes.act} onMouseDown={keepFocus} onClick={act}>
            <span className={classes.name}>{t(name)}</span>
            <Kbd>{key.toUpperCase()}</Kbd>
          </UnstyledButton>
        ))}
      </div>
    </footer>
  );
}
