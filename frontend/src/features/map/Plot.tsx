import { ActionIcon, SegmentedControl } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Project } from "@/api/types";
import { Icon } from "@/ui/Icon";
import { cameraFrom, cameraText, type Spot } from "./camera";
import type { MapSearch } from "./filters";
import { HoverCard } from "./HoverCard";
import { Legend } from "./Legend";
import classes from "./Plot.module.css";
import { combined, type Scene } from "./useScene";
import { MapView } from "./view";

const STEP_PIXELS = 80;

interface PlotProps {
  project: Project;
  scene: Scene;
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
  view: RefObject<MapView | null>;
}

/** The points, what is under the pointer, the tools, and the legend over a corner. */
export function Plot({ project, scene, search, onSearch, view }: PlotProps) {
  const { t } = useTranslation("map");
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const [hovered, setHovered] = useState<{ row: number; at: Spot } | null>(null);
  const [tool, setTool] = useState<"pan" | "lasso">("pan");
  const [cannotDraw, setCannotDraw] = useState(false);
  const latest = useRef({ scene, onSearch, start: search.view });
  latest.current.scene = scene;
  latest.current.onSearch = onSearch;

  useEffect(() => {
    if (!canvas.current || !overlay.current) return;
    const made = new MapView(canvas.current, overlay.current, cameraFrom(latest.current.start), {
      onHover: (row, at) => setHovered(row === null ? null : { row, at }),
      onLasso: (rows, how) => {
        const { selected, setSelected } = latest.current.scene;
        setSelected(combined(selected, rows, how));
      },
      onRest: (camera) => latest.current.onSearch({ view: cameraText(camera) }),
    });
    setCannotDraw(!made.canDraw);
    view.current = made;
    return () => {
      view.current = null;
      made.close();
    };
  }, [view]);
  const { points, looks, selected } = scene;
  useEffect(() => {
    if (points) view.current?.setPoints(points.xs, points.ys);
  }, [points, view]);
  useEffect(() => {
    if (looks) view.current?.setLooks(looks);
  }, [looks, view]);
  useEffect(() => view.current?.setSelected(selected), [selected, view]);
  useEffect(() => {
    if (view.current) view.current.tool = tool;
  }, [tool, view]);

  const onKeyDown = useKeys(view, setTool, () => scene.setSelected(new Uint32Array(0)));
  return (
    <div className={classes.plot}>
      <canvas ref={canvas} className={classes.canvas} />
      <canvas
        ref={overlay}
        className={classes.overlay}
        data-tool={tool}
        data-drawn={looks !== null || undefined}
        tabIndex={0}
        role="img"
        aria-label={t("canvas")}
        onKeyDown={onKeyDown}
      />
      {cannotDraw ? (
        <p className={classes.cannot} role="alert">
          {t("noWebgl")}
        </p>
      ) : null}
      <div className={classes.tools}>
        <SegmentedControl
          aria-label={t("tool.title")}
          value={tool}
          onChange={(value) => setTool(value === "lasso" ? "lasso" : "pan")}
          data={[
            { value: "pan", label: t("tool.pan") },
            { value: "lasso", label: t("tool.lasso") },
          ]}
        />
        <div className={classes.zoom}>
          <Tool icon="plus" label={t("zoomIn")} onClick={() => view.current?.zoomBy(1.6)} />
          <Tool icon="minus" label={t("zoomOut")} onClick={() => view.current?.zoomBy(1 / 1.6)} />
          <Tool icon="grid" label={t("showAll")} onClick={() => view.current?.showAll()} />
        </div>
      </div>
      <Legend project={project} scene={scene} search={search} onSearch={onSearch} />
      {hovered ? <HoverCard project={project} scene={scene} row={hovered.row} at={hovered.at} /> : null}
    </div>
  );
}

function Tool({
  icon,
  label,
  onClick,
}: {
  icon: "plus" | "minus" | "grid";
  label: string;
  onClick: () => void;
}) {
  return (
    <ActionIcon size={44} variant="default" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={18} />
    </ActionIcon>
  );
}

function useKeys(
  view: RefObject<MapView | null>,
  setTool: (change: (before: "pan" | "lasso") => "pan" | "lasso") => void,
  clear: () => void,
) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const acts: Record<string, () => void> = {
        ArrowLeft: () => view.current?.panBy(STEP_PIXELS, 0),
        ArrowRight: () => view.current?.panBy(-STEP_PIXELS, 0),
        ArrowUp: () => view.current?.panBy(0, STEP_PIXELS),
        ArrowDown: () => view.current?.panBy(0, -STEP_PIXELS),
        "+": () => view.current?.zoomBy(1.6),
        "-": () => view.current?.zoomBy(1 / 1.6),
        "0": () => view.current?.showAll(),
        l: () => setTool((before) => (before === "pan" ? "lasso" : "pan")),
        Escape: clear,
      };
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    [view, setTool, clear],
  );
}
