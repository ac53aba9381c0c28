import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SecondLookFilters } from "@/api/queries";
import type { Project, SecondLookSummary } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { RoundsTable } from "./Rounds";
import classes from "./Rounds.module.css";

interface NothingLeftProps {
  project: Project;
  summary: SecondLookSummary;
  filters: SecondLookFilters;
  onFilters: (filters: SecondLookFilters) => void;
}

/** Why there is nothing to look at, when there will be, and what looking has brought so far. */
export function NothingLeft({ project, summary, filters, onFilters }: NothingLeftProps) {
  const { t } = useTranslation("secondLook");
  const isFiltered = filters.reason !== undefined || filters.stage !== undefined;
  const why = isFiltered ? "filtered" : summary.rounds.length > 0 ? "done" : "never";
  return (
    <div className={classes.nothing}>
      <EmptyState
        icon="search"
        title={t(`nothing.${why}.title`)}
        action={
          isFiltered ? (
            <Button onClick={() => onFilters({})}>{t("nothing.filtered.action")}</Button>
          ) : (
            <LinkButton to="/p/$slug/training" params={{ slug: project.slug }}>
              {t("nothing.toTraining")}
            </LinkButton>
          )
        }
      >
        {summary.is_training && !isFiltered ? t("nothing.training") : t(`nothing.${why}.hint`)}
      </EmptyState>
      {summary.rounds.length > 0 ? (
        <section className={classes.brought} aria-label={t("rounds.title")}>
          <h2>{t("rounds.title")}</h2>
          <p className={classes.hint}>{t("rounds.hint")}</p>
          <RoundsTable rounds={summary.rounds} />
        </section>
      ) : null}
    </div>
  );
}
