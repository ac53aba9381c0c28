import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PhotoFilters } from "@/api/queries";
import type { Covered, Project } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { StageDot } from "@/ui/StageChip";
import { shadeOf } from "./coverage";
import classes from "./HeatTable.module.css";

export type View = "labels" | "waiting";

export interface HeatRow {
  key: string;
  label: string;
  covered: Covered;
  /** What narrows the list of photos to this row; null: no list shows it. */
  filters: PhotoFilters | null;
}

export interface HeatTableProps {
  project: Project;
  title: string;
  /** Of the first column. */
  head: string;
  rows: readonly HeatRow[];
  view: View;
  /** Whether the labels of a stage in a row are too few. */
  isGap: (covered: Covered, stage: number) => boolean;
  /** Rows shown before all are asked for. */
  first?: number;
}

/** Numbers by stage as a real table: the shade says how many at a glance, the number says it exactly. */
export function HeatTable({ project, title, head, rows, view, isGap, first = 14 }: HeatTableProps) {
  const { t, i18n } = useTranslation("dashboard");
  const [isWhole, setWhole] = useState(false);
  const { stages } = project.scale;
  const highest = Math.max(0, ...rows.flatMap((row) => row.covered[view]));
  const shown = isWhole ? rows : rows.slice(0, first);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable */}
      <section className={classes.scroll} tabIndex={0} aria-label={title}>
        <table className={classes.table}>
          <caption className={classes.hidden}>{title}</caption>
          <thead>
            <tr>
              <th scope="col" className={classes.corner}>
                {head}
              </th>
              {stages.map((stage) => (
                <th
                  key={stage.id}
                  scope="col"
                  className={classes.columnHead}
                  title={stageName(stage, i18n.language)}
                >
                  <StageDot stage={stage} count={stages.length} small />
                  <span className={classes.hidden}>{stageName(stage, i18n.language)}</span>
                </th>
              ))}
              <th scope="col" className={classes.total}>
                {t(view === "labels" ? "table.other" : "table.unknown")}
              </th>
              <th scope="col" className={classes.total}>
                {t("table.photos")}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.key}>
                <th scope="row" className={classes.rowHead}>
                  {row.label}
                </th>
                {stages.map((stage) => (
                  <Cell
                    key={stage.id}
                    slug={project.slug}
                    value={row.covered[view][stage.position] ?? 0}
                    highest={highest}
                    isGap={view === "labels" && isGap(row.covered, stage.position)}
                    label={`${row.label}, ${stageName(stage, i18n.language)}`}
                    filters={
                      row.filters &&
                      (view === "labels"
                        ? { ...row.filters, status: "ready", stage: stage.slug }
                        : { ...row.filters, is_waiting: true, suggested: stage.position })
                    }
                  />
                ))}
                <td className={classes.total}>
                  {formatNumber(view === "labels" ? row.covered.other : row.covered.unknown, i18n.language)}
                </td>
                <td className={classes.total}>
                  <Photos slug={project.slug} row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > first ? (
        <Button variant="subtle" size="compact-sm" mt={8} onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("table.fewer") : t("table.all", { count: rows.length })}
        </Button>
      ) : null}
    </>
  );
}

function Photos({ slug, row }: { slug: string; row: HeatRow }): ReactNode {
  const { t, i18n } = useTranslation("dashboard");
  const text = formatNumber(row.covered.photos, i18n.language);
  if (!row.filters || row.covered.photos === 0) return text;
  return (
    <Link
      to="/p/$slug/photos"
      params={{ slug }}
      search={{ ...row.filters, status: "ready" }}
      className={classes.totalLink}
      aria-label={t("table.photosOf", { row: row.label, n: text })}
    >
      {text}
    </Link>
  );
}

interface CellProps {
  slug: string;
  value: number;
  highest: number;
  isGap: boolean;
  label: string;
  filters: PhotoFilters | null;
}

function Cell({ slug, value, highest, isGap, label, filters }: CellProps) {
  const { i18n } = useTranslation();
  const { alpha, isDark } = shadeOf(value, highest);
  const text = formatNumber(value, i18n.language);
  const style = {
    background: alpha > 0 ? `rgba(35, 104, 60, ${alpha.toFixed(3)})` : undefined,
    color: isDark ? "#ffffff" : undefined,
  };
  return (
    <td
      className={classes.cell}
      style={style}
      data-gap={isGap || undefined}
      data-zero={value === 0 || undefined}
    >
      {value > 0 && filters ? (
        <Link
          to="/p/$slug/photos"
          params={{ slug }}
          search={filters}
          className={classes.pick}
          aria-label={`${label}: ${text}`}
          title={`${label}: ${text}`}
        >
          {text}
        </Link>
      ) : (
        text
      )}
    </td>
  );
}
