import { Button, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration, formatNumber } from "@/lib/format";
import { usePace } from "@/ui/usePace";
import { FileList } from "./FileList";
import classes from "./ImportPage.module.css";
import type { OpenUploads } from "./sending";
import type { FileRow } from "./uploads";
import { useLeaveGuard } from "./useLeaveGuard";

export interface FilesSendingProps {
  slug: string;
  open: OpenUploads;
  onStarted: (id: number) => void;
}

/** Files on their way, each with its outcome; can be stopped and goes on where it was. */
export function FilesSending({ slug, open, onStarted }: FilesSendingProps) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const { uploads, files, importId } = open;
  const rows = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  const [isBusy, setIsBusy] = useState(true);
  const hasBegun = useRef(false);
  const work = useCallback(
    async (task: Promise<void>) => {
      setIsBusy(true);
      await task;
      setIsBusy(false);
      void client.invalidateQueries({ queryKey: ["project", slug] });
    },
    [client, slug],
  );
  useEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    void work(uploads.run(files));
  }, [uploads, files, work]);
  useLeaveGuard(isBusy);
  const isLeft = rows.some((row) => row.state === "failed" || row.state === "waiting");
  return (
    <Stack>
      <Summary rows={rows} isBusy={isBusy} />
      <div className={classes.buttons}>
        {isBusy ? (
          <Button variant="default" onClick={() => uploads.stop()}>
            {t("files.stop")}
          </Button>
        ) : null}
        {!isBusy && isLeft ? (
          <Button onClick={() => void work(uploads.resume())}>{t("files.resume")}</Button>
        ) : null}
        {isBusy ? null : (
          <Button variant={isLeft ? "default" : "filled"} onClick={() => onStarted(importId)}>
            {t("files.see")}
          </Button>
        )}
      </div>
      <Text size="sm" c="dimmed">
        {t("files.safe")}
      </Text>
      <FileList rows={rows} />
    </Stack>
  );
}

function Summary({ rows, isBusy }: { rows: readonly FileRow[]; isBusy: boolean }) {
  const { t, i18n } = useTranslation("imports");
  const count = (state: FileRow["state"]) => rows.filter((row) => row.state === state).length;
  const done = rows.length - count("waiting") - count("sending");
  const pace = usePace(done, rows.length, isBusy);
  const number = (value: number, digits = 0) => formatNumber(value, i18n.language, digits);
  const words = [
    t("files.progress", { done: number(done), total: number(rows.length) }),
    isBusy && pace ? t("pace.photos", { n: number(pace.perSecond, 1) }) : "",
    isBusy && pace?.secondsLeft ? t("pace.left", { time: formatDuration(pace.secondsLeft) }) : "",
    count("duplicate") > 0 ? t("files.duplicates", { count: count("duplicate") }) : "",
    count("failed") > 0 ? t("files.failed", { count: count("failed") }) : "",
  ];
  return (
    <div>
      <Progress
        value={rows.length > 0 ? (done / rows.length) * 100 : 0}
        aria-label={t("files.progressLabel")}
      />
      <Text size="sm" mt={6} role="status">
        {words.filter(Boolean).join(" · ")}
      </Text>
    </div>
  );
}
