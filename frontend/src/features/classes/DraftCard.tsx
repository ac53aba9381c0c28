import { Alert, Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MappedFigures, Project, ScaleMigration } from "@/api/types";
import { formatDate, formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { askToConfirm } from "@/ui/confirm";
import { Icon } from "@/ui/Icon";
import classes from "./ClassesPage.module.css";
import { StagesBeside } from "./StagesBeside";
import { useSteps } from "./useSteps";

interface DraftCardProps {
  project: Project;
  migration: ScaleMigration;
  mapped: readonly MappedFigures[];
}

/** The change that waits for a decision: experts read it, an admin decides. */
export function DraftCard({ project, migration, mapped }: DraftCardProps) {
  const { t, i18n } = useTranslation("classes");
  const isAdmin = atLeast(project.role, "admin");
  const figures = mapped.find((it) => it.migration_id === migration.id);
  const isReported = migration.state === "reported";
  return (
    <Card
      title={isReported ? t("reported.title") : t("waiting.title")}
      hint={
        isReported
          ? t("reported.hint")
          : t("waiting.hint", {
              who: migration.created_by,
              when: formatDate(migration.created_at, i18n.language),
            })
      }
    >
      {migration.note ? <blockquote className={classes.note}>{migration.note}</blockquote> : null}
      <StagesBeside migration={migration} />
      {figures ? <Mapped figures={figures} /> : null}
      {migration.error ? (
        <Alert
          color="clay"
          variant="light"
          icon={<Icon name="warning" />}
          title={t("waiting.failed")}
          mt="md"
        >
          {migration.error}
        </Alert>
      ) : null}
      {migration.pending ? (
        <p role="status" className={classes.plain}>
          {t("waiting.pending")}
        </p>
      ) : null}
      {isAdmin ? (
        <Decide project={project} migration={migration} />
      ) : (
        <p className={classes.quiet}>{t("waiting.readOnly")}</p>
      )}
    </Card>
  );
}

/** The same predictions on the stages of both versions: comparable, where figures of two trainings are not. */
export function Mapped({ figures }: { figures: MappedFigures }) {
  const { t, i18n } = useTranslation("classes");
  return (
    <p className={classes.effect}>
      {t("mapped", {
        version: figures.version_number,
        n: formatNumber(figures.n, i18n.language),
        before: formatPercent(figures.accuracy_before, i18n.language, 1),
        after: formatPercent(figures.accuracy_after, i18n.language, 1),
        bitsBefore: formatNumber(figures.bits_before, i18n.language, 2),
        bitsAfter: formatNumber(figures.bits_after, i18n.language, 2),
      })}
    </p>
  );
}

function Decide({ project, migration }: { project: Project; migration: ScaleMigration }) {
  const { t } = useTranslation("classes");
  const { step, discard } = useSteps(project.slug, migration.id);
  const isBusy = migration.pending !== "" || step.isPending || discard.isPending;
  const isReported = migration.state === "reported";
  const uses = migration.stages.flatMap((it) => it.sources);
  const splits = new Set(uses).size < uses.length;
  const apply = () =>
    askToConfirm({
      title: t("apply.title"),
      body: splits ? t("apply.bodySplit") : t("apply.body"),
      confirm: t("apply.confirm"),
      cancel: t("draft.cancel"),
      onConfirm: () => step.mutate("apply"),
    });
  return (
    <Group mt="md">
      {isReported ? null : (
        <Button disabled={isBusy} onClick={apply}>
          {t("apply.button")}
        </Button>
      )}
      {isReported || splits ? null : (
        <Button
          variant="default"
          disabled={isBusy}
          onClick={() => step.mutate("report")}
          title={t("report.hint")}
        >
          {t("report.button")}
        </Button>
      )}
      <Button variant="subtle" color="clay" disabled={isBusy} onClick={() => discard.mutate()}>
        {isReported ? t("reported.stop") : t("discard")}
      </Button>
    </Group>
  );
}
