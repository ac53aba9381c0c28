import { Button } from "@mantine/core";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project } from "@/api/types";
import { stageName } from "@/lib/stages";
import { StageDot } from "@/ui/StageChip";
import classes from "./Selection.module.css";
import { thumbUrl } from "./thumb";
import type { Scene } from "./useScene";
import type { MapView } from "./view";

const PAGE = 48;

interface ThumbsProps {
  project: Project;
  scene: Scene;
  view: RefObject<MapView | null>;
}

/** Pictures of the selected photos; a press takes one out. The one with the focus has a ring on the map. */
export function Thumbs({ project, scene, view }: ThumbsProps) {
  const { t, i18n } = useTranslation("map");
  const [page, setPage] = useState({ of: scene.selected, n: PAGE });
  const { selected, ids, columns, setSelected } = scene;
  // A lasso starts at the first pictures again; taking one out does not.
  const n = page.of === selected || Math.abs(page.of.length - selected.length) <= 1 ? page.n : PAGE;
  if (!ids) return null;
  const { stages } = project.scale;
  const takeOut = (row: number) => {
    const rest = selected.filter((it) => it !== row);
    setPage({ of: rest, n });
    view.current?.mark(null);
    setSelected(rest);
  };
  return (
    <>
      <ul className={classes.thumbs} aria-label={t("thumbs.title")}>
        {Array.from(selected.subarray(0, n), (row) => {
          const id = ids[row] ?? 0;
          const stage = stageAt(stages, columns.get("stage")?.codes[row]);
          const name = stage ? stageName(stage, i18n.language) : t("table.unknown");
          return (
            <li key={row}>
              <button
                type="button"
                className={classes.thumb}
                aria-label={t("thumbs.takeOut", { id, stage: name })}
                title={t("thumbs.takeOut", { id, stage: name })}
                onClick={() => takeOut(row)}
                onFocus={() => view.current?.mark(row)}
                onBlur={() => view.current?.mark(null)}
                onPointerEnter={() => view.current?.mark(row)}
                onPointerLeave={() => view.current?.mark(null)}
              >
                <img src={thumbUrl(project.slug, id)} alt="" loading="lazy" decoding="async" />
                {stage ? (
                  <span className={classes.dot}>
                    <StageDot stage={stage} count={stages.length} small />
                  </span>
                ) : null}
              </button>
            </li>
          );
        })}
      </ul>
      {selected.length > n ? (
        <Button fullWidth variant="default" onClick={() => setPage({ of: selected, n: n + PAGE })}>
          {t("thumbs.more")}
        </Button>
      ) : null}
    </>
  );
}
