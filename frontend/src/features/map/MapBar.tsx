import { Button, NativeSelect } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MapStatus, Project } from "@/api/types";
import { formatAgo, formatNumber, formatPercent } from "@/lib/format";
import { WorkBar } from "@/ui/WorkBar";
import { COLUMNS, isColumn } from "./columns";
import { filtersOf, type MapSearch } from "./filters";
import classes from "./MapBar.module.css";
import type { Scene } from "./useScene";

interface MapBarProps {
  project: Project;
  status: MapStatus;
  scene: Scene;
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
  onBuild: () => void;
}

/** How many photos there are, what they are coloured by, which filters are on, how old the map is. */
export function MapBar({ project, status, scene, search, onSearch, onBuild }: MapBarProps) {
  const { t, i18n } = useTranslation("map");
  const names = COLUMNS.filter((name) => status.columns.includes(name));
  const nShown = useMemo(() => scene.isShown?.reduce((sum, it) => sum + it, 0) ?? 0, [scene.isShown]);
  const filters = Object.keys(filtersOf(search));
  return (
    <WorkBar slug={project.slug} back={t("back")} title={t("title")}>
      <p className={classes.count} role="status">
        {t("shown", {
          shown: formatNumber(nShown, i18n.language),
          all: formatNumber(status.map?.n_points, i18n.language),
        })}
      </p>
      <NativeSelect
        aria-label={t("colourBy")}
        value={scene.color}
        data={names.map((name) => ({ value: name, label: t("colouredBy", { name: t(`column.${name}`) }) }))}
        onChange={({ currentTarget: { value } }) => {
          if (isColumn(value)) onSearch({ color: value === "stage" ? undefined : value });
        }}
      />
      {filters.length > 0 ? (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => onSearch(Object.fromEntries(COLUMNS.map((name) => [name, undefined])))}
        >
          {t("clearFilters", { count: filters.length })}
        </Button>
      ) : null}
      <Age status={status} onBuild={onBuild} />
    </WorkBar>
  );
}

function Age({ status, onBuild }: Pick<MapBarProps, "status" | "onBuild">) {
  const { t, i18n } = useTranslation("map");
  const { map, build, is_behind: isBehind } = status;
  if (!map) return null;
  const isBuilding = build !== null && (build.state === "queued" || build.state === "running");
  const trust = map.trustworthiness;
  return (
    <div className={classes.age}>
      <span title={trust === null ? undefined : t("trust", { share: formatPercent(trust, i18n.language) })}>
        {isBuilding
          ? t("renewing", { share: formatPercent(build.progress, i18n.language) })
          : t("made", { ago: formatAgo(map.built_at, i18n.language) })}
      </span>
      {isBehind && !isBuilding ? (
        <Button size="compact-sm" variant="light" onClick={onBuild}>
          {t("renew")}
        </Button>
      ) : null}
    </div>
  );
}
