import { Button, Group, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { ScaleDraft } from "@/api/types";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import classes from "./ClassesPage.module.css";
import { draftBody, isNamed, type NewStage } from "./draft";

interface DraftFormProps {
  slug: string;
  stages: readonly NewStage[];
  kind: ScaleDraft["kind"];
  onClose: () => void;
}

/** Names for what is new, and a word to the experts. */
export function DraftForm({ slug, stages: offered, kind, onClose }: DraftFormProps) {
  const { t } = useTranslation("classes");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [names, setNames] = useState<Record<number, Partial<NewStage>>>({});
  const stages = offered.map((it, place) => ({ ...it, ...names[place] }));
  const [note, setNote] = useState("");
  const make = useMutation({
    mutationFn: () => api.post(`/projects/${slug}/scale-migrations`, draftBody(stages, note, kind)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queries.scaleMigrations(slug).queryKey });
      await client.invalidateQueries({ queryKey: queries.classes(slug).queryKey });
      notifyDone(t("draft.made"));
      onClose();
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const rename = (place: number, changed: Partial<NewStage>) =>
    setNames({ ...names, [place]: { ...names[place], ...changed } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      {stages.map((stage, place) =>
        stage.isNew ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a split have no other name
          <div key={place} className={classes.names}>
            <TextInput
              label={t("draft.nameEs")}
              value={stage.name_es}
              maxLength={80}
              required
              onChange={(event) => rename(place, { name_es: event.currentTarget.value })}
            />
            <TextInput
              label={t("draft.nameEn")}
              value={stage.name_en}
              maxLength={80}
              required
              onChange={(event) => rename(place, { name_en: event.currentTarget.value })}
            />
          </div>
        ) : null,
      )}
      <Textarea
        label={t("draft.note")}
        description={t("draft.noteHint")}
        value={note}
        maxLength={2000}
        autosize
        minRows={2}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group>
        <Button type="submit" loading={make.isPending} disabled={!isNamed(stages)}>
          {t("draft.save")}
        </Button>
        <Button variant="subtle" onClick={onClose}>
          {t("draft.cancel")}
        </Button>
      </Group>
    </form>
  );
}
