import { ActionIcon, Alert, Button, Progress, UnstyledButton } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { isMoving, queries } from "@/api/queries";
import type { ExportRow as Row } from "@/api/types";
import {
  formatAgo,
  formatBytes,
  formatDate,
  formatDuration,
  formatNumber,
  formatPercent,
} from "@/lib/format";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { StateBadge } from "@/ui/StateBadge";
import { usePace } from "@/ui/usePace";
import classes from "./ExportPage.module.css";
import { useExportStart } from "./NewExport";
import { downloadUrl, orderOf } from "./order";

export interface ExportRowProps {
  slug: string;
  row: Row;
  onCard: () => void;
}

/** One export: how far it is, its file and its card, or what to do when there is none. */
export function ExportRow({ slug, row, onCard }: ExportRowProps) {
  const { t, i18n } = useTranslation("exports");
  const language = i18n.language;
  return (
    <article className={classes.row}>
      <div className={classes.main}>
        <div className={classes.head}>
          <strong className={classes.name}>{t(`format.${row.format}.name`)}</strong>
          <StateBadge state={row.state} label={t(`state.${row.state}`)} />
          <span className={classes.dim}>{formatAgo(row.created_at, language)}</span>
        </div>
        <Facts row={row} />
        {isMoving(row.state) ? <Moving row={row} /> : null}
        {row.state === "failed" ? (
          <Alert color="clay" mt="xs" title={t("row.failed")}>
            {t("row.failedHint")} <span lang="en">{row.error}</span>
          </Alert>
        ) : null}
      </div>
      <Actions slug={slug} row={row} onCard={onCard} />
    </article>
  );
}

function Facts({ row }: { row: Row }) {
  const { t, i18n } = useTranslation("exports");
  const clipboard = useClipboard({ timeout: 1500 });
  const language = i18n.language;
  const isDone = row.state === "done";
  const hash = row.content_sha256;
  return (
    <p className={classes.facts}>
      <span>{t(`unit.${row.unit}`)}</span>
      <span>{t(`photos.${row.photos}`)}</span>
      {row.done > 0 && !isMoving(row.state) ? (
        <span>{t("row.rows", { count: row.done, n: formatNumber(row.done, language) })}</span>
      ) : null}
      {row.size > 0 ? <span>{formatBytes(row.size, language)}</span> : null}
      {row.n_missing > 0 ? (
        <span>{t("row.missing", { count: row.n_missing, n: formatNumber(row.n_missing, language) })}</span>
      ) : null}
      {row.has_names ? <span>{t("row.names")}</span> : null}
      {row.has_places ? <span>{t("row.places")}</span> : null}
      {row.licence ? <span>{row.licence}</span> : null}
      {isDone && row.expires_at ? (
        <span>{t("row.keptUntil", { date: formatDate(row.expires_at, language) })}</span>
      ) : null}
      {hash ? (
        <span className={classes.hash}>
          <span title={hash}>
            {t("row.hash")} <code>{hash.slice(0, 12)}</code>
          </span>
          <UnstyledButton
            className={classes.copy}
            aria-label={t("row.copyHash")}
            title={t("row.copyHash")}
            onClick={() => clipboard.copy(hash)}
          >
            <Icon name={clipboard.copied ? "check" : "copy"} size={15} />
          </UnstyledButton>
        </span>
      ) : null}
    </p>
  );
}

function Moving({ row }: { row: Row }) {
  const { t, i18n } = useTranslation("exports");
  const language = i18n.language;
  const pace = usePace(row.done, row.total, row.state === "running");
  const share = row.total > 0 ? row.done / row.total : 0;
  return (
    <>
      <div className={classes.moving}>
        <Progress
          className={classes.bar}
          value={share * 100}
          aria-label={t("row.progress", { format: t(`format.${row.format}.name`) })}
        />
        <span className={classes.percent}>{formatPercent(share, language)}</span>
      </div>
      <p className={classes.facts} role="status">
        {row.state === "pending" ? (
          <span>{t("row.waiting")}</span>
        ) : (
          <span>
            {t("row.doneOf", {
              done: formatNumber(row.done, language),
              total: formatNumber(row.total, language),
            })}
          </span>
        )}
        {pace ? <span>{t("row.rate", { n: formatNumber(pace.perSecond, language) })}</span> : null}
        {pace?.secondsLeft ? <span>{t("row.left", { time: formatDuration(pace.secondsLeft) })}</span> : null}
      </p>
    </>
  );
}

function Actions({ slug, row, onCard }: ExportRowProps) {
  const { t } = useTranslation("exports");
  const { t: tErrors } = useTranslation("errors");
  const start = useExportStart(slug);
  const isGone = row.state === "expired" || row.state === "failed" || row.state === "cancelled";
  return (
    <div className={classes.actions}>
      {row.state === "done" ? (
        <Button
          component="a"
          href={downloadUrl(slug, row.id)}
          download
          variant="light"
          leftSection={<Icon name="import" size={18} />}
        >
          {t("row.download")}
        </Button>
      ) : null}
      {isGone ? (
        <Button
          variant="default"
          loading={start.isPending}
          onClick={() =>
            start.mutate(orderOf(row), {
              onError: (error) => notifyFailed(describeError(error, tErrors)),
            })
          }
        >
          {t("row.again")}
        </Button>
      ) : null}
      {row.state === "done" || row.state === "expired" ? (
        <Button variant="default" onClick={onCard}>
          {t("row.card")}
        </Button>
      ) : null}
      {row.state === "done" || isMoving(row.state) ? <RemoveButton slug={slug} row={row} /> : null}
    </div>
  );
}

function RemoveButton({ slug, row }: { slug: string; row: Row }) {
  const { t } = useTranslation("exports");
  const { t: tErrors } = useTranslation("errors");
  const { t: tCommon } = useTranslation();
  const client = useQueryClient();
  const what = isMoving(row.state) ? "stop" : "remove";
  const remove = useMutation({
    mutationFn: () => api.delete(`/projects/${slug}/exports/${row.id}`),
    onSettled: () => client.invalidateQueries({ queryKey: queries.exports(slug).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const ask = () =>
    askToConfirm({
      title: t(`${what}.title`),
      body: t(`${what}.body`),
      confirm: t(`${what}.confirm`),
      cancel: tCommon("cancel"),
      isDangerous: true,
      onConfirm: () => remove.mutate(),
    });
  const label = t(`${what}.button`, { format: t(`format.${row.format}.name`) });
  if (what === "stop") {
    return (
      <Button
        variant="default"
        leftSection={<Icon name="stop" size={18} />}
        aria-label={label}
        loading={remove.isPending}
        onClick={ask}
      >
        {t("stop.confirm")}
      </Button>
    );
  }
  return (
    <ActionIcon size={36} aria-label={label} title={label} loading={remove.isPending} onClick={ask}>
      <Icon name="trash" />
    </ActionIcon>
  );
}
