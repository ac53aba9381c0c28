import { Alert, Button, Group, NativeSelect, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { Import, LabelUse, PhotoReceipt } from "@/api/types";
import { upload } from "@/api/upload";
import { formatNumber } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { describeError } from "@/ui/Problem";
import { FileList } from "./FileList";
import { FilePicker } from "./FilePicker";
import { LabelUseFields } from "./LabelUseFields";
import { type FileRow, Uploads } from "./uploads";

interface Choices {
  use: LabelUse;
  source: string;
  /** Slug of the stage that all files show; empty when unknown. */
  stage: string;
  site: string;
}

/** Opens an import on the server and answers the queue that sends files into it. */
async function openUploads(slug: string, name: string, choices: Choices): Promise<Uploads> {
  const form = new FormData();
  form.set("name", name);
  form.set("label_use", choices.use);
  if (choices.use === "prior") form.set("label_source", choices.source.trim() || name);
  const batch = await api.postForm<Import>(`/projects/${slug}/imports`, form);
  return new Uploads((file, clientId, onProgress, signal) => {
    const body = new FormData();
    body.set("file", file);
    body.set("client_id", clientId);
    body.set("import_batch", String(batch.id));
    if (choices.use !== "none" && choices.stage) body.set("stage", choices.stage);
    if (choices.site) body.set("site", choices.site);
    return upload<PhotoReceipt>(`/projects/${slug}/photos`, body, { onProgress, signal });
  });
}

const NOBODY = new Uploads(() => Promise.reject(new Error("No import is open.")));

/** Many files from this computer, one by one, each with its own progress and outcome. */
export function FilesForm({ slug }: { slug: string }) {
  const { t } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [choices, setChoices] = useState<Choices>({ use: "none", source: "", stage: "", site: "" });
  const [uploads, setUploads] = useState<Uploads>(NOBODY);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const rows = useSyncExternalStore(uploads.subscribe, uploads.snapshot);

  const work = async (task: () => Promise<void>) => {
    setIsBusy(true);
    setError(null);
    try {
      await task();
    } catch (reason) {
      setError(reason);
    } finally {
      setIsBusy(false);
      void client.invalidateQueries({ queryKey: ["project", slug] });
    }
  };

  const start = (files: File[]) =>
    work(async () => {
      const opened = await openUploads(slug, t("files.batchName", { count: files.length }), choices);
      setUploads(opened);
      await opened.run(files);
    });

  return (
    <Stack>
      <FileChoices slug={slug} choices={choices} onChange={setChoices} />
      <FilePicker
        label={t("files.pick")}
        hint={t("files.hint")}
        accept="image/*,.heic,.heif"
        multiple
        disabled={isBusy}
        onFiles={(files) => void start(files)}
      />
      {error ? (
        <Alert role="alert" color="clay">
          {describeError(error, tErrors)}
        </Alert>
      ) : null}
      {rows.length > 0 ? <Summary rows={rows} /> : null}
      <Group>
        {!isBusy && rows.some((row) => row.state === "failed") ? (
          <Button variant="default" onClick={() => void work(() => uploads.retryFailed())}>
            {t("files.retry")}
          </Button>
        ) : null}
        {isBusy ? (
          <Button variant="default" onClick={() => uploads.stop()}>
            {t("files.stop")}
          </Button>
        ) : null}
      </Group>
      {rows.length > 0 ? <FileList rows={rows} /> : null}
    </Stack>
  );
}

function FileChoices({
  slug,
  choices,
  onChange,
}: {
  slug: string;
  choices: Choices;
  onChange: (choices: Choices) => void;
}) {
  const { t, i18n } = useTranslation("imports");
  const { stages } = useProject(slug).scale;
  const sites = useQuery(queries.sites(slug));
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <LabelUseFields
        use={choices.use}
        source={choices.source}
        onUse={(use) => onChange({ ...choices, use })}
        onSource={(source) => onChange({ ...choices, source })}
      />
      {choices.use === "none" ? null : (
        <NativeSelect
          label={t("files.stage")}
          value={choices.stage}
          data={[
            { value: "", label: t("files.stageUnknown") },
            ...stages.map((stage) => ({ value: stage.slug, label: stageName(stage, i18n.language) })),
          ]}
          onChange={(event) => onChange({ ...choices, stage: event.currentTarget.value })}
        />
      )}
      <NativeSelect
        label={t("files.site")}
        value={choices.site}
        data={[
          { value: "", label: t("files.siteUnknown") },
          ...(sites.data ?? []).map((site) => ({ value: String(site.id), label: site.name })),
        ]}
        onChange={(event) => onChange({ ...choices, site: event.currentTarget.value })}
      />
    </SimpleGrid>
  );
}

function Summary({ rows }: { rows: readonly FileRow[] }) {
  const { t, i18n } = useTranslation("imports");
  const count = (state: FileRow["state"]) => rows.filter((row) => row.state === state).length;
  const done = rows.length - count("waiting") - count("sending");
  const number = (value: number) => formatNumber(value, i18n.language);
  return (
    <div>
      <Progress value={(done / rows.length) * 100} aria-label={t("files.progressLabel")} />
      <Text size="sm" mt={6} role="status">
        {t("files.progress", { done: number(done), total: number(rows.length) })}
        {count("duplicate") > 0 ? ` · ${t("files.duplicates", { count: count("duplicate") })}` : ""}
        {count("failed") > 0 ? ` · ${t("files.failed", { count: count("failed") })}` : ""}
      </Text>
    </div>
  );
}
