import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MappedFigures, Project, ScaleMigration } from "@/api/types";
import { formatDateTime, formatNumber } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import classes from "./ClassesPage.module.css";
import { Mapped } from "./DraftCard";
import { StagesBeside } from "./StagesBeside";
import { useSteps } from "./useSteps";

interface HistoryProps {
  project: Project;
  migrations: readonly ScaleMigration[];
  mapped: readonly MappedFigures[];
}

/** What was changed before, the latest first. */
export function History({ project, migrations, mapped }: HistoryProps) {
  const { t } = useTranslation("classes");
  return (
    <Card title={t("history.title")} hint={t("history.hint")}>
      <ol className={classes.history}>
        {migrations.map((migration) => (
          <Entry key={migration.id} project={project} migration={migration} mapped={mapped} />
        ))}
      </ol>
    </Card>
  );
}

function Entry({
  project,
  migration,
  mapped,
}: { project: Project; migration: ScaleMigration } & Pick<HistoryProps, "mapped">) {
  const { t, i18n } = useTranslation("classes");
  const { step } = useSteps(project.slug, migration.id);
  const figures = mapped.find((it) => it.migration_id === migration.id);
  const undo = () =>
    askToConfirm({
      title: t("undo.title"),
      body: t("undo.body"),
      confirm: t("undo.confirm"),
      cancel: t("draft.cancel"),
      isDangerous: true,
      onConfirm: () => step.mutate("undo"),
    });
  return (
    <li>
      <p className={classes.plain}>
        <b>{t("history.version", { from: migration.from_version, to: migration.to_version })}</b>{" "}
        {t("history.applied", { when: formatDateTime(migration.applied_at, i18n.language) })}
        {migration.undone_at
          ? ` ${t("history.undone", { when: formatDateTime(migration.undone_at, i18n.language) })}`
          : ""}
      </p>
      <p className={classes.quiet}>
        {t("history.photos", {
          mapped: formatNumber(migration.n_mapped, i18n.language),
          asked: formatNumber(migration.n_asked, i18n.language),
        })}
      </p>
      <details className={classes.details}>
        <summary>{t("history.stages")}</summary>
        <StagesBeside migration={migration} />
      </details>
      {figures ? <Mapped figures={figures} /> : null}
      {migration.pending ? (
        <p role="status" className={classes.plain}>
          {t("waiting.pending")}
        </p>
      ) : null}
      {migration.error ? <p className={classes.quiet}>{migration.error}</p> : null}
      {migration.is_latest && atLeast(project.role, "admin") ? (
        <Button
          variant="default"
          disabled={migration.pending !== "" || step.isPending}
          onClick={undo}
          mt="xs"
        >
          {t("undo.button")}
        </Button>
      ) : null}
    </li>
  );
}
