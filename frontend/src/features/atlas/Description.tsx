import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Project, Stage } from "@/api/types";
import { stageDescription } from "@/lib/stages";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import classes from "./AtlasPage.module.css";

interface DescriptionProps {
  slug: string;
  stage: Stage;
  mayEdit: boolean;
}

/** How to know a stage, in words; an adjudicator may change them in both languages. */
export function Description({ slug, stage, mayEdit }: DescriptionProps) {
  const { t, i18n } = useTranslation("atlas");
  const [isEditing, setIsEditing] = useState(false);
  const text = stageDescription(stage, i18n.language);
  if (isEditing) return <Form slug={slug} stage={stage} onClose={() => setIsEditing(false)} />;
  return (
    <div className={classes.description}>
      {text ? <p>{text}</p> : mayEdit ? <p className={classes.quiet}>{t("noWords")}</p> : null}
      {mayEdit ? (
        <Button
          className={classes.edit}
          variant="subtle"
          size="compact-sm"
          onClick={() => setIsEditing(true)}
        >
          {text ? t("editWords") : t("addWords")}
        </Button>
      ) : null}
    </div>
  );
}

function Form({ slug, stage, onClose }: { slug: string; stage: Stage; onClose: () => void }) {
  const { t } = useTranslation("atlas");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [es, setEs] = useState(stage.description_es ?? "");
  const [en, setEn] = useState(stage.description_en ?? "");
  const save = useMutation({
    mutationFn: () =>
      api.put<Project>(`/projects/${slug}/stages/${stage.id}/description`, {
        description_es: es,
        description_en: en,
      }),
    onSuccess: (project) => {
      client.setQueryData(queries.project(slug).queryKey, project);
      onClose();
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Textarea
        label={t("wordsEs")}
        value={es}
        autosize
        minRows={2}
        maxLength={2000}
        data-autofocus
        onChange={(event) => setEs(event.currentTarget.value)}
      />
      <Textarea
        label={t("wordsEn")}
        value={en}
        autosize
        minRows={2}
        maxLength={2000}
        onChange={(event) => setEn(event.currentTarget.value)}
      />
      <Group gap="sm">
        <Button type="submit" loading={save.isPending}>
          {tCommon("save")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {tCommon("cancel")}
        </Button>
      </Group>
    </form>
  );
}
