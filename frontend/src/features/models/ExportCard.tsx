import { ActionIcon, Alert, Button, NativeSelect, Progress, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { isMoving } from "@/api/queries";
import type { ModelExport } from "@/api/types";
import { formatAgo, formatBytes, formatDate, formatNumber } from "@/lib/format";
import { Card } from "@/ui/Card";
import { Icon } from "@/ui/Icon";
import { notifyFailed } from "@/ui/notify";
import { describeError, Problem } from "@/ui/Problem";
import { StateBadge } from "@/ui/StateBadge";
import classes from "./ExportCard.module.css";
import { EXPORT_FORMATS, exportFileUrl, exportsAddress, modelExports } from "./exportQueries";

export interface ExportCardProps {
  slug: string;
  version: string;
}

/** This version for a phone or another program: what was asked for, how far it is, the file. */
export function ExportCard({ slug, version }: ExportCardProps) {
  const { t } = useTranslation("models");
  const exports = useQuery(modelExports(slug, version));
  return (
    <Card title={t("export.title")} hint={t("export.hint")} flush>
      <NewExport slug={slug} version={version} />
      {exports.error ? <Problem error={exports.error} onRetry={() => void exports.refetch()} /> : null}
      {exports.data?.map((row) => (
        <ExportRow key={row.id} slug={slug} version={version} row={row} />
      ))}
    </Card>
  );
}

function useAsk(slug: string, version: string) {
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: { format: ModelExport["format"]; licence: string }) =>
      api.post<ModelExport>(exportsAddress(slug, version), order),
    onSettled: () => client.invalidateQueries({ queryKey: modelExports(slug, version).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
}

function NewExport({ slug, version }: ExportCardProps) {
  const { t } = useTranslation("models");
  const [format, setFormat] = useState<ModelExport["format"]>("tflite");
  const [licence, setLicence] = useState("");
  const ask = useAsk(slug, version);
  return (
    <form
      className={classes.new}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate({ format, licence });
      }}
    >
      <NativeSelect
        label={t("export.format")}
        description={t(`export.formatHint.${format}`)}
        inputWrapperOrder={["label", "input", "description"]}
        value={format}
        data={EXPORT_FORMATS.map((value) => ({ value, label: t(`export.name.${value}`) }))}
        onChange={(event) => {
          const chosen = EXPORT_FORMATS.find((value) => value === event.currentTarget.value);
          if (chosen) setFormat(chosen);
        }}
      />
      <TextInput
        label={t("export.licence")}
        description={t("export.licenceHint")}
        inputWrapperOrder={["label", "input", "description"]}
        placeholder="CC-BY-4.0"
        maxLength={120}
        value={licence}
        onChange={(event) => setLicence(event.currentTarget.value)}
      />
      <Button type="submit" className={classes.start} loading={ask.isPending}>
        {t("export.start")}
      </Button>
    </form>
  );
}

interface RowProps extends ExportCardProps {
  row: ModelExport;
}

function ExportRow({ slug, version, row }: RowProps) {
  const { t, i18n } = useTranslation("models");
  return (
    <article className={classes.row}>
      <div className={classes.main}>
        <p className={classes.head}>
          <strong>{t(`export.name.${row.format}`)}</strong>
          <StateBadge state={row.state} label={t(`export.state.${row.state}`)} />
          <span className={classes.facts}>{formatAgo(row.created_at, i18n.language)}</span>
        </p>
        <Facts row={row} />
        {isMoving(row.state) ? (
          <Progress
            className={classes.bar}
            value={row.total > 0 ? (100 * row.done) / row.total : 0}
            aria-label={t("export.progress", { format: t(`export.name.${row.format}`) })}
          />
        ) : null}
        {row.state === "failed" ? (
          <Alert color="clay" mt="xs" title={t("export.failed")}>
            {t("export.failedHint")} <span lang="en">{row.error}</span>
          </Alert>
        ) : null}
      </div>
      <Actions slug={slug} version={version} row={row} />
    </article>
  );
}

function Facts({ row }: { row: ModelExport }) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  if (row.state === "pending") {
    return (
      <p className={classes.facts} role="status">
        {t("export.waiting")}
      </p>
    );
  }
  return (
    <p className={classes.facts}>
      {row.size > 0 ? <span>{formatBytes(row.size, language)}</span> : null}
      {row.parity ? (
        <span>
          {t("export.parity", {
            n: formatNumber(row.parity.n_photos, language),
            difference: formatNumber(row.parity.largest_difference, language, 4),
          })}
        </span>
      ) : null}
      {row.licence ? <span>{row.licence}</span> : null}
      {row.state === "done" && row.expires_at ? (
        <span>{t("export.keptUntil", { date: formatDate(row.expires_at, language) })}</span>
      ) : null}
    </p>
  );
}

function Actions({ slug, version, row }: RowProps) {
  const { t } = useTranslation("models");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const again = useAsk(slug, version);
  const remove = useMutation({
    mutationFn: () => api.delete(`${exportsAddress(slug, version)}/${row.id}`),
    onSettled: () => client.invalidateQueries({ queryKey: modelExports(slug, version).queryKey }),
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const moving = isMoving(row.state);
  const format = t(`export.name.${row.format}`);
  const label = moving ? t("export.stop", { format }) : t("export.remove", { format });
  return (
    <div className={classes.actions}>
      {row.state === "done" ? (
        <Button
          component="a"
          href={exportFileUrl(slug, version, row.id)}
          download
          variant="light"
          leftSection={<Icon name="import" size={18} />}
        >
          {t("export.download")}
        </Button>
      ) : null}
      {row.state === "done" || moving ? (
        <ActionIcon
          size={36}
          aria-label={label}
          title={label}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          <Icon name={moving ? "stop" : "trash"} />
        </ActionIcon>
      ) : (
        <Button
          variant="default"
          loading={again.isPending}
          onClick={() => again.mutate({ format: row.format, licence: row.licence })}
        >
          {t("export.again")}
        </Button>
      )}
    </div>
  );
}
