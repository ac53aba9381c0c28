import { Alert, Button, Group, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import type { Import, LabelUse } from "@/api/types";
import { upload } from "@/api/upload";
import { formatBytes, formatPercent } from "@/lib/format";
import { notifyDone } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { FilePicker } from "./FilePicker";
import { LabelUseFields } from "./LabelUseFields";

/** One ZIP, with a folder per stage or a labels.csv; the server unpacks and reports. */
export function ArchiveForm({ slug }: { slug: string }) {
  const { t, i18n } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const [archive, setArchive] = useState<File | null>(null);
  const [use, setUse] = useState<LabelUse>("none");
  const [source, setSource] = useState("");
  const [share, setShare] = useState(0);
  const send = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set("name", file.name);
      form.set("label_use", use);
      if (use === "prior") form.set("label_source", source.trim() || file.name);
      form.set("archive", file);
      return upload<Import>(`/projects/${slug}/imports`, form, { onProgress: setShare });
    },
    onSuccess: async () => {
      notifyDone(t("archive.sent"));
      setArchive(null);
      setShare(0);
      await client.invalidateQueries({ queryKey: queries.imports(slug).queryKey });
    },
  });
  return (
    <Stack>
      <FilePicker
        label={archive ? archive.name : t("archive.pick")}
        hint={archive ? formatBytes(archive.size, i18n.language) : t("archive.hint")}
        accept=".zip,application/zip"
        disabled={send.isPending}
        onFiles={(files) => setArchive(files[0] ?? null)}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <LabelUseFields use={use} source={source} onUse={setUse} onSource={setSource} />
      </SimpleGrid>
      {send.isPending ? (
        <div>
          <Progress value={share * 100} aria-label={t("archive.sending")} />
          <Text size="sm" c="dimmed" mt={4}>
            {share < 1
              ? t("archive.progress", { share: formatPercent(share, i18n.language) })
              : t("archive.storing")}
          </Text>
        </div>
      ) : null}
      {send.error ? (
        <Alert role="alert" color="clay">
          {describeError(send.error, tErrors)}
        </Alert>
      ) : null}
      <Group>
        <Button
          disabled={!archive}
          loading={send.isPending}
          onClick={() => {
            if (archive) send.mutate(archive);
          }}
        >
          {t("archive.send")}
        </Button>
      </Group>
    </Stack>
  );
}
