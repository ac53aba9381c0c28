import { Button, Group, NativeSelect, Skeleton, Switch } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { Dashboard, PlantSeason, Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { Problem } from "@/ui/Problem";
import { StageDot } from "@/ui/StageChip";
import { dayName, seasonName, seasonsOf, stretch } from "./coverage";
import classes from "./Plants.module.css";

interface PlantsProps {
  project: Project;
  page: Dashboard;
  flagged: boolean;
  onFlagged: (flagged: boolean) => void;
}

/** Plants week by week: what each showed, and where one seems to go back. */
export function Plants({ project, page, flagged, onFlagged }: PlantsProps) {
  const { t, i18n } = useTranslation("dashboard");
  const seasons = seasonsOf(page.months, page.season_start);
  const [chosen, setChosen] = useState<number | null>(null);
  const season = chosen ?? seasons[0];
  if (page.n_plants === 0 || season === undefined) {
    return (
      <Card title={t("plants.title")}>
        <EmptyState icon="photos" title={t("plants.empty")}>
          {t("plants.emptyBody")}
        </EmptyState>
      </Card>
    );
  }
  const count = { count: page.n_flagged, n: formatNumber(page.n_flagged, i18n.language) };
  return (
    <div id="plants" className={classes.anchor}>
      <Card
        title={t("plants.title")}
        hint={project.scale.is_ordered ? t("plants.hint", count) : t("plants.hintPlain")}
      >
        <Group gap="lg" mb="sm" align="end">
          <NativeSelect
            label={t("season.season")}
            value={String(season)}
            data={seasons.map((year) => ({
              value: String(year),
              label: seasonName(year, page.season_start),
            }))}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
          {project.scale.is_ordered ? (
            <Switch
              checked={flagged}
              onChange={(event) => onFlagged(event.currentTarget.checked)}
              label={t("plants.only")}
              mb={6}
            />
          ) : null}
        </Group>
        <Season project={project} season={season} flagged={flagged} />
        {page.is_flagging_cut ? <p className={classes.note}>{t("plants.cut")}</p> : null}
      </Card>
    </div>
  );
}

function Season({ project, season, flagged }: { project: Project; season: number; flagged: boolean }) {
  const { t } = useTranslation("dashboard");
  const { t: tCommon } = useTranslation();
  const plants = useInfiniteQuery(queries.seasonPlants(project.slug, season, flagged));
  if (plants.isPending) return <Skeleton height={240} />;
  if (plants.error) return <Problem error={plants.error} onRetry={() => void plants.refetch()} />;
  const rows = plants.data.pages.flatMap((it) => it.results);
  if (rows.length === 0) {
    return (
      <EmptyState icon="check" title={flagged ? t("plants.noneFlagged") : t("plants.none")}>
        {flagged ? t("plants.noneFlaggedBody") : t("plants.noneBody")}
      </EmptyState>
    );
  }
  return (
    <>
      <PlantTable project={project} rows={rows} />
      <Legend />
      {plants.hasNextPage ? (
        <Button
          variant="default"
          mt="sm"
          loading={plants.isFetchingNextPage}
          onClick={() => void plants.fetchNextPage()}
        >
          {tCommon("loadMore")}
        </Button>
      ) : null}
    </>
  );
}

function PlantTable({ project, rows }: { project: Project; rows: readonly PlantSeason[] }) {
  const { t, i18n } = useTranslation("dashboard");
  const mondays = stretch(
    rows.flatMap((row) => row.weeks.map((week) => week.monday)),
    "weeks",
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <section className={classes.scroll} tabIndex={0} aria-label={t("plants.title")}>
      <table className={classes.table}>
        <caption className={classes.hidden}>{t("plants.caption")}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              {t("plants.plant")}
            </th>
            {mondays.map((monday) => (
              <th key={monday} scope="col" className={classes.week}>
                {dayName(monday, "weeks", i18n.language)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const weeks = new Map(row.weeks.map((week) => [week.monday, week]));
            return (
              <tr key={row.id}>
                <th scope="row" className={classes.plant}>
                  {row.name}
                  <span className={classes.site}>{row.site}</span>
                </th>
                {mondays.map((monday) => (
                  <td key={monday}>
                    <Week project={project} plant={row.name} week={weeks.get(monday)} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

interface WeekProps {
  project: Project;
  plant: string;
  week: PlantSeason["weeks"][number] | undefined;
}

function Week({ project, plant, week }: WeekProps) {
  const { t, i18n } = useTranslation("dashboard");
  if (!week) return null;
  const { stages } = project.scale;
  const stage = stageAt(stages, week.position);
  const words = [
    plant,
    dayName(week.monday, "weeks", i18n.language),
    stage ? stageName(stage, i18n.language) : t("plants.untold"),
    ...(stage ? [t(week.is_label ? "plants.settled" : "plants.suggested")] : []),
    ...(week.is_flagged ? [t("plants.flagged")] : []),
    ...(week.n > 1 ? [t("plants.photos", { n: week.n })] : []),
  ].join(", ");
  return (
    <Link
      to="/p/$slug/photos"
      params={{ slug: project.slug }}
      search={{ photo: week.photo_id }}
      className={classes.cell}
      data-label={week.is_label || undefined}
      data-flagged={week.is_flagged || undefined}
      aria-label={words}
      title={words}
    >
      {stage ? <StageDot stage={stage} count={stages.length} small /> : <span aria-hidden="true">·</span>}
    </Link>
  );
}

function Legend() {
  const { t } = useTranslation("dashboard");
  return (
    <p className={classes.legend}>
      <span>
        <span className={classes.sample} data-label />
        {t("plants.settled")}
      </span>
      <span>
        <span className={classes.sample} />
        {t("plants.suggested")}
      </span>
      <span>
        <span className={classes.sample} data-flagged />
        {t("plants.flagged")}
      </span>
    </p>
  );
}
