import { Group, NativeSelect, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Dashboard, Project } from "@/api/types";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import {
  dayName,
  FEW_LABELS,
  isGapAtSite,
  isGapInTime,
  lastDay,
  type Part,
  SITE_COUNTS,
  seasonName,
  seasonRows,
  seasonsOf,
} from "./coverage";
import classes from "./DashboardPage.module.css";
import { type HeatRow, HeatTable, type View } from "./HeatTable";

interface CoverageProps {
  project: Project;
  page: Dashboard;
}

/** Settled labels and waiting photos of each stage at each site. */
export function SiteCoverage({ project, page }: CoverageProps) {
  const { t } = useTranslation("dashboard");
  const [view, setView] = useState<View>("labels");
  const rows: HeatRow[] = page.sites.map((covered) => ({
    key: String(covered.site),
    label: covered.site === null ? t("sites.none") : covered.name,
    covered,
    filters: covered.site === null ? { no_site: true } : { site: covered.site },
  }));
  if (page.more_sites) {
    rows.push({ key: "more", label: t("sites.more"), covered: page.more_sites, filters: null });
  }
  const hasSites = page.sites.some((it) => it.site !== null);
  return (
    <Card
      title={t("sites.title")}
      hint={<Hint view={view} of="site" />}
      actions={<Views view={view} onView={setView} />}
    >
      {hasSites ? null : (
        <Missing
          project={project}
          title={t("sites.empty")}
          body={t("sites.emptyBody")}
          action={t("sites.do")}
        />
      )}
      {rows.length > 0 ? (
        <HeatTable
          project={project}
          title={t("sites.title")}
          head={t("sites.head")}
          rows={rows}
          view={view}
          isGap={isGapAtSite}
        />
      ) : null}
    </Card>
  );
}

/** The same through a season, so that the weeks nobody took photos of a stage are seen. */
export function SeasonCoverage({ project, page }: CoverageProps) {
  const { t, i18n } = useTranslation("dashboard");
  const [view, setView] = useState<View>("labels");
  const [part, setPart] = useState<Part>("weeks");
  const start = page.season_start;
  const seasons = seasonsOf(page.months, start);
  const [chosen, setChosen] = useState<number | null>(null);
  const season = chosen ?? seasons[0];
  const rows: HeatRow[] = seasonRows(page[part], part, season ?? 0, start).map((covered) => ({
    key: covered.day ?? "none",
    label: covered.day ? dayName(covered.day, part, i18n.language) : t("season.none"),
    covered,
    filters: covered.day
      ? { taken_from: covered.day, taken_to: lastDay(covered.day, part) }
      : { no_date: true },
  }));
  return (
    <Card
      title={t("season.title")}
      hint={<Hint view={view} of="season" />}
      actions={<Views view={view} onView={setView} />}
    >
      {season === undefined ? (
        <Missing
          project={project}
          title={t("season.empty")}
          body={t("season.emptyBody")}
          action={t("season.do")}
        />
      ) : (
        <Group gap="sm" mb="sm" align="end">
          <NativeSelect
            label={t("season.season")}
            value={String(season)}
            data={seasons.map((year) => ({ value: String(year), label: seasonName(year, start) }))}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
          <SegmentedControl
            aria-label={t("season.part")}
            value={part}
            onChange={(value) => setPart(value as Part)}
            data={(["weeks", "months"] as const).map((value) => ({ value, label: t(`season.${value}`) }))}
          />
        </Group>
      )}
      {rows.length > 0 ? (
        <HeatTable
          key={`${season}${part}`}
          project={project}
          title={t("season.title")}
          head={t(`season.head.${part}`)}
          rows={rows}
          view={view}
          isGap={isGapInTime}
        />
      ) : null}
    </Card>
  );
}

function Hint({ view, of }: { view: View; of: "site" | "season" }) {
  const { t } = useTranslation("dashboard");
  return (
    <>
      {view === "waiting"
        ? t("view.waitingHint")
        : t(`view.${of}Hint`, { few: FEW_LABELS, many: SITE_COUNTS })}
    </>
  );
}

function Views({ view, onView }: { view: View; onView: (view: View) => void }) {
  const { t } = useTranslation("dashboard");
  return (
    <SegmentedControl
      aria-label={t("view.title")}
      value={view}
      onChange={(value) => onView(value as View)}
      data={(["labels", "waiting"] as const).map((value) => ({ value, label: t(`view.${value}`) }))}
    />
  );
}

interface MissingProps {
  project: Project;
  title: string;
  body: string;
  action: string;
}

function Missing({ project, title, body, action }: MissingProps) {
  return (
    <div className={classes.missing}>
      <EmptyState
        icon="photos"
        title={title}
        action={
          atLeast(project.role, "admin") ? (
            <LinkButton to="/p/$slug/import" params={{ slug: project.slug }} variant="default">
              {action}
            </LinkButton>
          ) : null
        }
      >
        {body}
      </EmptyState>
    </div>
  );
}
