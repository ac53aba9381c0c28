import { Alert, Button, Group, Skeleton, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Project, ProjectInput, ScaleTemplate } from "@/api/types";
import { bbchRange } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { LinkAnchor } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { describeError } from "@/ui/Problem";
import classes from "./CreateProjectPage.module.css";
import { StageEditor } from "./StageEditor";
import { draftFrom, emptyDraft, problems, type StageDraft, toInputs } from "./stageDraft";

export function CreateProjectPage() {
  const { t } = useTranslation("projects");
  const { t: tErrors } = useTranslation("errors");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [isOrdered, setIsOrdered] = useState(true);
  const [template, setTemplate] = useState<string | null>(null);
  const [drafts, setDrafts] = useState<StageDraft[]>(() => [emptyDraft(), emptyDraft()]);
  const [tried, setTried] = useState(false);
  const create = useCreateProject();
  const found = problems(drafts);
  const nameError = tried && !name.trim() ? t("nameWanted") : null;

  const submit = () => {
    setTried(true);
    if (!name.trim() || found.size > 0) return;
    create.mutate({ name: name.trim(), description, is_ordered: isOrdered, stages: toInputs(drafts) });
  };

  return (
    <>
      <PageHeader
        title={t("create")}
        hint={t("createHint")}
        back={
          <LinkAnchor to="/projects" size="sm">
            {t("title")}
          </LinkAnchor>
        }
      />
      <Stack gap="lg" maw={980}>
        <Card>
          <Stack>
            <TextInput
              label={t("field.name")}
              placeholder={t("field.namePlaceholder")}
              value={name}
              error={nameError}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Textarea
              label={t("field.description")}
              autosize
              minRows={2}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
            />
          </Stack>
        </Card>
        <Card title={t("scale")} hint={t("scaleHint")}>
          <Stack gap="lg">
            <TemplatePicker
              picked={template}
              onPick={(chosen) => {
                setTemplate(chosen.key);
                setIsOrdered(chosen.is_ordered);
                setDrafts(chosen.stages.map(draftFrom));
              }}
            />
            <Switch
              label={t("field.isOrdered")}
              description={t("field.isOrderedHint")}
              checked={isOrdered}
              onChange={(event) => setIsOrdered(event.currentTarget.checked)}
            />
            <StageEditor drafts={drafts} problems={tried ? found : new Map()} onChange={setDrafts} />
          </Stack>
        </Card>
        {create.error ? (
          <Alert role="alert" color="clay">
            {describeError(create.error, tErrors)}
            {create.error instanceof ApiError
              ? Object.values(create.error.fields)
                  .flat()
                  .filter((message) => typeof message === "string")
                  .map((message) => <div key={message}>{message}</div>)
              : null}
          </Alert>
        ) : null}
        <Group justify="flex-end">
          <Button size="md" loading={create.isPending} onClick={submit}>
            {t("createButton")}
          </Button>
        </Group>
      </Stack>
    </>
  );
}

function useCreateProject() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (input: ProjectInput) => api.post<Project>("/projects", input),
    onSuccess: async (project) => {
      client.setQueryData(queries.project(project.slug).queryKey, project);
      await Promise.all([
        client.invalidateQueries({ queryKey: queries.projects().queryKey }),
        client.invalidateQueries({ queryKey: queries.session().queryKey, refetchType: "all" }),
      ]);
      await navigate({ to: "/p/$slug", params: { slug: project.slug } });
    },
  });
}

interface TemplatePickerProps {
  picked: string | null;
  onPick: (template: ScaleTemplate) => void;
}

function TemplatePicker({ picked, onPick }: TemplatePickerProps) {
  const { t, i18n } = useTranslation("projects");
  const templates = useQuery(queries.templates());
  if (templates.isPending) return <Skeleton height={88} />;
  if (!templates.data?.length) return null;
  return (
    <fieldset className={classes.templates}>
      <legend>{t("startFrom")}</legend>
      {templates.data.map((template) => (
        <button
          key={template.key}
          type="button"
          className={classes.template}
          aria-pressed={picked === template.key}
          onClick={() => onPick(template)}
        >
          <span className={classes.templateName}>
            {i18n.language.startsWith("en") ? template.name_en : template.name_es}
          </span>
          <span className={classes.templateNote}>
            {t("stages", { count: template.stages.length })}
            {bbchOf(template) ? ` · BBCH ${bbchOf(template)}` : ""}
          </span>
        </button>
      ))}
    </fieldset>
  );
}

/** First to last code of the template, when its stages have codes. */
function bbchOf(template: ScaleTemplate): string {
  const first = template.stages[0];
  const last = template.stages.at(-1);
  return bbchRange({
    bbch_first: first?.bbch_first ?? "",
    bbch_last: last?.bbch_last || last?.bbch_first || "",
  });
}
