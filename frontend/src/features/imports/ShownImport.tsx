import { Alert, Button, Progress, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { isMoving, isPreparing, queries } from "@/api/queries";
import type { Import, ImportDetail } from "@/api/types";
import { formatAgo, formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { LinkButton } from "@/ui/links";
import { describeError, Problem } from "@/ui/Problem";
import { StatCard, StatRow } from "@/ui/StatCard";
import { StateBadge } from "@/ui/StateBadge";
import { usePace } from "@/ui/usePace";
import { WorkersBanner } from "@/ui/WorkersBanner";
import classes from "./ImportPage.module.css";
import { Report } from "./Report";
import { stateKey } from "./states";

export interface ShownImportProps {
  slug: string;
  importId: number;
  onImport: (id: number | null) => void;
}

/** One import: how far it is, what came in and what did not, and what to do next. */
export function ShownImport({ slug, importId, onImport }: ShownImportProps) {
  const { t, i18n } = useTranslation("imports");
  const found = useQuery(queries.import(slug, importId));
  const item = found.data;
  const other = (
    <Button variant="default" onClick={() => onImport(null)}>
      {t("shown.another")}
    </Button>
  );
  if (!item) {
    return (
      <Card title={t("list.title")} actions={other}>
        {found.error ? (
          <Problem error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Skeleton height={180} />
        )}
      </Card>
    );
  }
  return (
    <Card
      title={item.name}
      hint={
        <span className={classes.head}>
          <StateBadge state={item.state} label={t(`state.${stateKey(item)}`)} />
          <span>{formatAgo(item.created_at, i18n.language)}</span>
          <span>{t(`use.short.${item.label_use}`, { source: item.label_source })}</span>
        </span>
      }
      actions={other}
    >
      <Stack>
        <Progressing slug={slug} item={item} />
        <Failure item={item} />
        <Cancelled item={item} />
        <Outcome item={item} />
        <Next slug={slug} item={item} onImport={onImport} />
        {item.refused > 0 ? <Report slug={slug} item={item} /> : null}
      </Stack>
    </Card>
  );
}

function Progressing({ slug, item }: { slug: string; item: Import }) {
  const { t, i18n } = useTranslation("imports");
  const done = item.received + item.duplicates + item.refused;
  const pace = usePace(done, item.total, item.state === "running");
  const learning = useQuery({ ...queries.learning(slug), enabled: item.state === "pending" });
  const number = (value: number) => formatNumber(value, i18n.language);
  if (!isMoving(item.state)) return null;
  const words = [
    item.total > 0
      ? t("shown.rows", { done: number(done), total: number(item.total) })
      : t(item.state === "pending" ? "shown.waiting" : "shown.opening"),
    pace && pace.perSecond > 0 ? t("pace.rows", { n: number(pace.perSecond) }) : "",
    pace?.secondsLeft ? t("pace.left", { time: formatDuration(pace.secondsLeft) }) : "",
  ];
  return (
    <div>
      {learning.data && item.state === "pending" ? (
        <WorkersBanner workers={learning.data.workers.filter((worker) => worker.queue === "default")} />
      ) : null}
      <div className={classes.moving}>
        <Progress
          className={classes.bar}
          size="lg"
          value={item.total > 0 ? (done / item.total) * 100 : 0}
          aria-label={t("row.progress", { name: item.name })}
        />
        {item.total > 0 ? (
          <span className={classes.percent}>{formatPercent(done / item.total, i18n.language)}</span>
        ) : null}
      </div>
      <p className={classes.dim} role="status">
        {words.filter(Boolean).join(" · ")}
      </p>
      <p className={classes.dim}>{t("shown.goesOn")}</p>
      <Cancel slug={slug} item={item} />
    </div>
  );
}

/** Ends an import that is under way, once that was confirmed. */
function Cancel({ slug, item }: { slug: string; item: Import }) {
  const { t } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.post<ImportDetail>(`/projects/${slug}/imports/${item.id}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: queries.imports(slug).queryKey }),
  });
  const ask = () =>
    askToConfirm({
      title: t("cancel.title"),
      body: t(item.is_dry_run ? "cancel.bodyCheck" : "cancel.body"),
      confirm: t("cancel.confirm"),
      cancel: t("cancel.stay"),
      isDangerous: true,
      onConfirm: () => cancel.mutate(),
    });
  return (
    <>
      {cancel.error ? (
        <Alert role="alert" color="clay" mb="sm">
          {describeError(cancel.error, tErrors)}
        </Alert>
      ) : null}
      <Button variant="default" size="xs" loading={cancel.isPending} onClick={ask}>
        {t("cancel.action")}
      </Button>
    </>
  );
}

function Cancelled({ item }: { item: Import }) {
  const { t } = useTranslation("imports");
  if (item.state !== "cancelled") return null;
  return (
    <Alert color="amber" title={t("cancel.done")}>
      {t(item.is_dry_run ? "cancel.doneCheck" : "cancel.doneBody")}
    </Alert>
  );
}

/** Why all of it failed: in the report it has a code, for which we have words. */
function useFailure(item: Import): string {
  const { t } = useTranslation("imports");
  const code = item.report.find((row) => row.row === 0 && row.message === item.error)?.code ?? "";
  return t(`broken.${code}` as "broken.unexpected", { defaultValue: item.error });
}

function Failure({ item }: { item: Import }) {
  const { t } = useTranslation("imports");
  const failure = useFailure(item);
  if (!item.error) return null;
  const hasSome = item.received + item.duplicates > 0;
  return (
    <Alert role="alert" color="clay" title={t("shown.failed")}>
      {failure} {t(hasSome ? "shown.failedSome" : "shown.failedNone")}
    </Alert>
  );
}

function Outcome({ item }: { item: ImportDetail }) {
  const { t, i18n } = useTranslation("imports");
  const number = (value: number) => formatNumber(value, i18n.language);
  if (item.total === 0 || (item.state === "failed" && item.received + item.duplicates === 0)) return null;
  return (
    <>
      <StatRow>
        <StatCard
          label={t(item.is_dry_run ? "tally.would" : "tally.received")}
          value={number(item.received)}
        />
        <StatCard
          label={t("tally.duplicates")}
          value={number(item.duplicates)}
          note={t(item.label_use === "none" ? "tally.duplicatesNote" : "tally.duplicatesLabels")}
        />
        <StatCard label={t("tally.refused")} value={number(item.refused)} />
        {item.is_dry_run ? null : (
          <StatCard
            label={t("tally.processed")}
            value={number(item.processed)}
            note={t("tally.processedNote")}
          />
        )}
      </StatRow>
      {isPreparing(item) ? (
        <div>
          <Progress
            value={item.received > 0 ? (item.processed / item.received) * 100 : 0}
            aria-label={t("shown.preparing")}
          />
          <p className={classes.dim} role="status">
            {t("shown.preparing")}
          </p>
        </div>
      ) : null}
    </>
  );
}

/** Starts the import of an archive that is on the server: after a check, or once more after a failure. */
function useImportAgain(slug: string, item: Import, onImport: (id: number) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => {
      const form = new FormData();
      form.set("name", item.name);
      form.set("form", item.form);
      form.set("label_use", item.label_use);
      if (item.label_source) form.set("label_source", item.label_source);
      form.set("rehearsal", String(item.id));
      return api.postForm<Import>(`/projects/${slug}/imports`, form);
    },
    onSuccess: async (started) => {
      await client.invalidateQueries({ queryKey: queries.imports(slug).queryKey });
      onImport(started.id);
    },
  });
}

interface NextProps {
  slug: string;
  item: Import;
  onImport: (id: number) => void;
}

function Next(props: NextProps) {
  if (isMoving(props.item.state)) return null;
  return props.item.is_dry_run ? <AfterCheck {...props} /> : <AfterImport {...props} />;
}

function AfterCheck({ slug, item, onImport }: NextProps) {
  const { t, i18n } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const start = useImportAgain(slug, item, onImport);
  const good = item.received + item.duplicates;
  if (item.state !== "done") return null;
  return (
    <>
      <Alert color={good > 0 ? "brand" : "amber"} title={t(good > 0 ? "checked.title" : "checked.nothing")}>
        {t(good > 0 ? "checked.serverBody" : "checked.nothingBody")}
      </Alert>
      {start.error ? (
        <Alert role="alert" color="clay">
          {describeError(start.error, tErrors)}
        </Alert>
      ) : null}
      {item.has_archive && good > 0 ? (
        <div className={classes.buttons}>
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {t("checked.begin", { count: good, n: formatNumber(good, i18n.language) })}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function AfterImport({ slug, item, onImport }: NextProps) {
  const { t } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  const start = useImportAgain(slug, item, onImport);
  const mayTryAgain = item.has_archive && (item.state === "failed" || item.state === "cancelled");
  return (
    <>
      {start.error ? (
        <Alert role="alert" color="clay">
          {describeError(start.error, tErrors)}
        </Alert>
      ) : null}
      <div className={classes.buttons}>
        {mayTryAgain ? (
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {t("shown.again")}
          </Button>
        ) : null}
        {item.received > 0 ? (
          <LinkButton
            to="/p/$slug/photos"
            params={{ slug }}
            search={{ import_batch: item.id }}
            variant={mayTryAgain ? "default" : "filled"}
          >
            {t("shown.see")}
          </LinkButton>
        ) : null}
      </div>
      <p className={classes.dim}>{t("shown.safe")}</p>
    </>
  );
}
