import { Alert, NativeSelect, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { LabelUse } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { describeError } from "@/ui/Problem";
import { browserHash, type Checked, checkFiles, type Picked } from "./check";
import { FilePicker } from "./FilePicker";
import { FilesChecked } from "./FilesChecked";
import { FilesSending } from "./FilesSending";
import { LabelUseFields } from "./LabelUseFields";
import { type Choices, type OpenUploads, openUploads } from "./sending";

export interface FilesFormProps {
  slug: string;
  /** The folders that the files lie in name their stages. */
  byFolder: boolean;
  onStarted: (id: number) => void;
}

/** Many files from this computer: looked at here first, then sent one by one, each with its own outcome. */
export function FilesForm({ slug, byFolder, onStarted }: FilesFormProps) {
  const { t, i18n } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const { stages } = useProject(slug).scale;
  const [choices, setChoices] = useState<Choices>({
    use: byFolder ? "prior" : "none",
    source: "",
    stage: "",
    site: "",
  });
  const [looked, setLooked] = useState<{ done: number; total: number } | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [open, setOpen] = useState<OpenUploads | null>(null);
  const [error, setError] = useState<unknown>(null);

  const look = async (files: Picked[]) => {
    setError(null);
    setLooked({ done: 0, total: files.length });
    try {
      setChecked(
        await checkFiles(files, {
          stages,
          byFolder: byFolder && choices.use !== "none",
          hash: browserHash,
          known: (hashes) => knownOf(slug, hashes),
          onProgress: (done, total) => setLooked({ done, total }),
        }),
      );
    } catch (reason) {
      setError(reason);
    } finally {
      setLooked(null);
    }
  };
  const begin = async (result: Checked) => {
    setError(null);
    try {
      const files = result.planned.filter((file) => !file.isKnown || choices.use !== "none");
      const name = t("files.batchName", { count: files.length });
      setOpen(await openUploads(slug, name, choices, files));
    } catch (reason) {
      setError(reason);
    }
  };

  if (open) return <FilesSending slug={slug} open={open} onStarted={onStarted} />;
  return (
    <Stack>
      {checked ? (
        <FilesChecked
          checked={checked}
          isLabelled={choices.use !== "none"}
          nStages={stages.length}
          onBegin={() => void begin(checked)}
          onBack={() => setChecked(null)}
        />
      ) : (
        <>
          <FileChoices slug={slug} byFolder={byFolder} choices={choices} onChange={setChoices} />
          <FilePicker
            label={t(byFolder ? "files.pickFolder" : "files.pick")}
            hint={t(byFolder ? "files.folderHint" : "files.hint")}
            accept="image/*,.heic,.heif"
            multiple
            folder={byFolder}
            disabled={looked !== null}
            onFiles={(files) => void look(files)}
          />
        </>
      )}
      {looked ? (
        <div>
          <Progress
            value={looked.total > 0 ? (looked.done / looked.total) * 100 : 0}
            aria-label={t("files.looking")}
          />
          <Text size="sm" c="dimmed" mt={6} role="status">
            {t("files.looked", {
              done: formatNumber(looked.done, i18n.language),
              total: formatNumber(looked.total, i18n.language),
            })}
          </Text>
        </div>
      ) : null}
      {error ? (
        <Alert role="alert" color="clay">
          {describeError(error, tErrors)}
        </Alert>
      ) : null}
    </Stack>
  );
}

async function knownOf(slug: string, hashes: string[]): Promise<Set<string>> {
  const answer = await api.post<{ known: { sha256: string }[] }>(`/projects/${slug}/photos/check`, {
    sha256: hashes,
  });
  return new Set(answer.known.map((photo) => photo.sha256));
}

interface FileChoicesProps {
  slug: string;
  byFolder: boolean;
  choices: Choices;
  onChange: (choices: Choices) => void;
}

function FileChoices({ slug, byFolder, choices, onChange }: FileChoicesProps) {
  const { t, i18n } = useTranslation("imports");
  const { stages } = useProject(slug).scale;
  const sites = useQuery(queries.sites(slug));
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <LabelUseFields
        use={choices.use}
        source={choices.source}
        onUse={(use: LabelUse) => onChange({ ...choices, use })}
        onSource={(source) => onChange({ ...choices, source })}
      />
      {choices.use === "none" || byFolder ? null : (
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
