import { Button } from "@mantine/core";
import { type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Acts } from "./Acts";
import type { MapSearch } from "./filters";
import { LotBanner } from "./LotBanner";
import classes from "./Selection.module.css";
import { SelectionTable } from "./SelectionTable";
import { Thumbs } from "./Thumbs";
import type { Lots } from "./useLots";
import type { Scene } from "./useScene";
import type { MapView } from "./view";

interface SelectionProps {
  project: Project;
  scene: Scene;
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
  lots: Lots;
  view: RefObject<MapView | null>;
}

/** The selected photos: how many of which stage, their pictures, and what can be done to them. */
export function Selection({ project, scene, lots, view }: SelectionProps) {
  const { t, i18n } = useTranslation("map");
  const { selected, setSelected, isShown } = scene;
  const n = selected.length;
  const [announced, setAnnounced] = useState("");
  const [stage, setStage] = useState("");
  useEffect(() => {
    setAnnounced(n > 0 ? t("selected", { count: n, n: formatNumber(n, i18n.language) }) : "");
  }, [n, t, i18n.language]);
  const selectShown = () => {
    if (!isShown) return;
    const rows: number[] = [];
    for (let row = 0; row < isShown.length; row += 1) if (isShown[row]) rows.push(row);
    setSelected(Uint32Array.from(rows));
  };
  return (
    <aside className={classes.panel} aria-label={t("selection.title")}>
      <p className={classes.live} role="status">
        {announced}
      </p>
      <LotBanner lots={lots} />
      <div className={classes.head}>
        <h2 className={classes.title}>
          {n > 0 ? t("selected", { count: n, n: formatNumber(n, i18n.language) }) : t("selection.title")}
        </h2>
        {n > 0 ? (
          <Button size="compact-sm" variant="subtle" onClick={() => setSelected(new Uint32Array(0))}>
            {t("selection.clear")}
          </Button>
        ) : null}
      </div>
      <div className={classes.choose}>
        <Button size="compact-sm" variant="default" disabled={!isShown} onClick={selectShown}>
          {t("selection.all")}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={!isShown}
          onClick={() => view.current && setSelected(view.current.inView())}
        >
          {t("selection.inView")}
        </Button>
      </div>
      {n === 0 ? (
        <EmptyState icon="map" title={t("selection.none")}>
          {t("selection.how")}
        </EmptyState>
      ) : (
        <>
          <SelectionTable project={project} scene={scene} />
          <Acts project={project} scene={scene} lots={lots} stage={stage} onStage={setStage} />
          <Thumbs project={project} scene={scene} view={view} />
        </>
      )}
    </aside>
  );
}
