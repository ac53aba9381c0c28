import { Alert, Button, Group, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import type { Import, LabelUse } from "@/api/types";
import { upload } from "@/api/upload";
import { formatBytes, formatDuration, formatPercent } from "@/lib/format";
import { describeError } from "@/ui/Problem";
import { usePace } from "@/ui/usePace";
import { FilePicker } from "./FilePicker";
import classes from "./ImportPage.module.css";
import { ARCHIVES, type ArchiveKind } from "./kinds";
import { LabelUseFields } from "./LabelUseFields";
import { useLeaveGuard } from "./useLeaveGuard";

export interface ArchiveFormProps {
  slug: string;
  kind: ArchiveKind;
  onStarted: (id: number) => void;
}

interface Sent {
  file: File;
  isDryRun: boolean;
}

/** One file with everything in it; the server looks into it and reports. */
export function ArchiveForm({ slug, kind, onStarted }: ArchiveFormProps) {
  const { t, i18n } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const spec = ARCHIVES[kind];
  const [archive, setArchive] = useState<File | null>(null);
  const [use, setUse] = useState<LabelUse>(spec.use);
  const [source, setSource] = useState("");
  const [share, setShare] = useState(0);
  const stopper = useRef<AbortController | null>(null);
  const send = useMutation({
    mutationFn: ({ file, isDryRun }: Sent) => {
      const form = new FormData();
      form.set("name", file.name);
      form.set("form", spec.form);
      form.set("label_use", use);
      if (use === "prior") form.set("label_source", source.trim() || file.name.slice(0, 80));
      if (isDryRun) form.set("dry_run", "true");
      form.set("archive", file);
      stopper.current = new AbortController();
      setShare(0);
      return upload<Import>(`/projects/${slug}/imports`, form, {
        onProgress: setShare,
        signal: stopper.current.signal,
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: queries.imports(slug).queryKey }),
  });
  useLeaveGuard(send.isPending);
  const startedId = send.data?.id;
  useEffect(() => {
    // Not in onSuccess: the guard must have seen first that nothing is on its way any more.
    if (startedId !== undefined) onStarted(startedId);
  }, [startedId, onStarted]);
  const wasStopped = send.error instanceof DOMException && send.error.name === "AbortError";
  return (
    <Stack>
      <FilePicker
        label={archive ? archive.name : t("archive.pick")}
        hint={
          archive
            ? t("archive.chosen", { size: formatBytes(archive.size, i18n.language) })
            : t("archive.takes", { endings: spec.accept.replaceAll(",", ", ") })
        }
        accept={spec.accept}
        disabled={send.isPending}
        onFiles={(files) => {
          send.reset();
          setArchive(files[0]?.file ?? null);
        }}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <LabelUseFields use={use} source={source} onUse={setUse} onSource={setSource} />
      </SimpleGrid>
      {send.isPending && archive ? (
        <Sending share={share} size={archive.size} onStop={() => stopper.current?.abort()} />
      ) : null}
      {send.error && !wasStopped ? (
        <Alert role="alert" color="clay" title={t("archive.failed")}>
          {describeError(send.error, tErrors)} {t("archive.failedHint")}
        </Alert>
      ) : null}
      {send.isPending ? null : (
        <div className={classes.buttons}>
          <Button
            disabled={!archive}
            onClick={() => {
              if (archive) send.mutate({ file: archive, isDryRun: true });
            }}
          >
            {t("archive.check")}
          </Button>
          <Button
            variant="default"
            disabled={!archive}
            onClick={() => {
              if (archive) send.mutate({ file: archive, isDryRun: false });
            }}
          >
            {t("archive.send")}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function Sending({ share, size, onStop }: { share: number; size: number; onStop: () => void }) {
  const { t, i18n } = useTranslation("imports");
  const pace = usePace(share * size, size, share < 1);
  const words = [
    share < 1 ? t("archive.progress", { share: formatPercent(share, i18n.language) }) : t("archive.storing"),
    pace && share < 1 ? `${formatBytes(pace.perSecond, i18n.language)}/s` : "",
    pace?.secondsLeft && share < 1 ? t("pace.left", { time: formatDuration(pace.secondsLeft) }) : "",
  ];
  return (
    <div>
      <Progress value={share * 100} aria-label={t("archive.sending")} />
      <Group justify="space-between" mt={6} gap="sm">
        <Text size="sm" c="dimmed" role="status">
          {words.filter(Boolean).join(" · ")}
        </Text>
        <Button variant="default" size="xs" onClick={onStop}>
          {t("archive.stop")}
        </Button>
      </Group>
    </div>
  );
}
