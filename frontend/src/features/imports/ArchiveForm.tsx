import { Alert, Button, Group, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Import, LabelUse } from "@/api/types";
import { formatBytes, formatDuration, formatPercent } from "@/lib/format";
import { describeError } from "@/ui/Problem";
import { usePace } from "@/ui/usePace";
import { chunkServer, sendInChunks } from "./chunks";
import { FilePicker } from "./FilePicker";
import classes from "./ImportPage.module.css";
import { ARCHIVES, type ArchiveKind } from "./kinds";
import { LabelUseFields } from "./LabelUseFields";
import { Unfinished } from "./Unfinished";
import { useLeaveGuard } from "./useLeaveGuard";

export interface ArchiveFormProps {
  slug: string;
  kind: ArchiveKind;
  onStarted: (id: number) => void;
}

const STORING_MS = 900_000;

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
  const [isWaiting, setIsWaiting] = useState(false);
  const stopper = useRef<AbortController | null>(null);
  const send = useMutation({
    mutationFn: async ({ file, isDryRun }: Sent) => {
      stopper.current = new AbortController();
      const { signal } = stopper.current;
      setShare(0);
      setIsWaiting(false);
      const progress = { signal, onProgress: setShare, onWaiting: setIsWaiting };
      const id = await sendInChunks(chunkServer(slug), file, progress);
      const form = new FormData();
      form.set("name", file.name);
      form.set("form", spec.form);
      form.set("label_use", use);
      if (use === "prior") form.set("label_source", source.trim() || file.name.slice(0, 80));
      if (isDryRun) form.set("dry_run", "true");
      form.set("upload", String(id));
      return api.postForm<Import>(`/projects/${slug}/imports`, form, { signal, timeoutMs: STORING_MS });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: queries.imports(slug).queryKey }),
    onSettled: () => client.invalidateQueries({ queryKey: queries.uploads(slug).queryKey }),
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
      {send.isPending ? null : <Unfinished slug={slug} />}
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
        <Sending
          share={share}
          size={archive.size}
          isWaiting={isWaiting}
          onStop={() => stopper.current?.abort()}
        />
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

interface SendingProps {
  share: number;
  size: number;
  isWaiting: boolean;
  onStop: () => void;
}

function Sending({ share, size, isWaiting, onStop }: SendingProps) {
  const { t, i18n } = useTranslation("imports");
  const pace = usePace(share * size, size, share < 1);
  const words = [
    share < 1 ? t("archive.progress", { share: formatPercent(share, i18n.language) }) : t("archive.storing"),
    isWaiting ? t("archive.offline") : "",
    pace && share < 1 && !isWaiting ? `${formatBytes(pace.perSecond, i18n.language)}/s` : "",
    pace?.secondsLeft && share < 1 && !isWaiting
      ? t("pace.left", { time: formatDuration(pace.secondsLeft) })
      : "",
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
