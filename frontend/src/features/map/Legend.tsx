import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { inkOn } from "@/lib/palette";
import { stageDigit } from "@/lib/stages";
import { Icon } from "@/ui/Icon";
import { type Column, type LegendRow, legendOf, NONE } from "./columns";
import { type MapSearch, wordOf } from "./filters";
import classes from "./Legend.module.css";
import { useCodeName } from "./names";
import type { Scene } from "./useScene";

const ROWS = 12;

interface LegendProps {
  project: Project;
  scene: Scene;
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
}

/** What the colours mean and how many photos have each; a press shows those alone. */
export function Legend({ project, scene, search, onSearch }: LegendProps) {
  const { t } = useTranslation("map");
  const [isOpen, setIsOpen] = useState(() => !globalThis.matchMedia("(max-width: 48em)").matches);
  const [isLong, setIsLong] = useState(false);
  const { column, isShown, looks } = scene;
  const { stages } = project.scale;
  const rows = useMemo(
    () => (column && isShown && looks ? legendOf(column, isShown, stages, looks.rim === "#0d1210") : []),
    [column, isShown, looks, stages],
  );
  if (!column) return null;
  return (
    <section className={classes.legend} aria-label={t("legend.title")}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={isOpen}
        onClick={() => setIsOpen((before) => !before)}
      >
        {t(`column.${column.name}`)}
        <Icon name="chevronDown" size={16} />
      </button>
      {isOpen ? (
        <ul className={classes.list}>
          {(isLong ? rows : rows.slice(0, ROWS)).map((row) => (
            <li key={row.code}>
              <Row project={project} column={column} row={row} search={search} onSearch={onSearch} />
            </li>
          ))}
          {rows.length > ROWS ? (
            <li>
              <button type="button" className={classes.more} onClick={() => setIsLong((before) => !before)}>
                {isLong ? t("legend.less") : t("legend.more", { count: rows.length - ROWS })}
              </button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </section>
  );
}

interface RowProps {
  project: Project;
  column: Column;
  row: LegendRow;
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
}

function Row({ project, column, row, search, onSearch }: RowProps) {
  const { i18n } = useTranslation("map");
  const nameOf = useCodeName(project.scale.stages);
  const word = wordOf(column, row.code);
  const isOn = search[column.name] === word;
  const stage =
    column.name === "stage" || column.name === "suggested" ? stageAt(project.scale.stages, row.code) : null;
  return (
    <button
      type="button"
      className={classes.row}
      aria-pressed={isOn}
      onClick={() => onSearch({ [column.name]: isOn ? undefined : word })}
    >
      <span
        className={classes.swatch}
        data-none={row.code === NONE || undefined}
        style={{ background: row.colour, color: inkOn(row.colour) }}
        aria-hidden="true"
      >
        {stage ? stageDigit(stage) : ""}
      </span>
      <span className={classes.name}>{nameOf(column, row.code)}</span>
      <span className={classes.n}>{formatNumber(row.count, i18n.language)}</span>
    </button>
  );
}
