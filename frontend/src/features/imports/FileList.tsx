import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatBytes, formatPercent } from "@/lib/format";
import { describeError } from "@/ui/Problem";
import classes from "./FileList.module.css";
import type { FileRow, FileState } from "./uploads";

const ROW_PX = 40;
const ORDER: Record<FileState, number> = { failed: 0, sending: 1, waiting: 2, received: 3, duplicate: 3 };

/** The files with their states, failures first; only the visible rows exist, so that 10 000 files scroll well. */
export function FileList({ rows }: { rows: readonly FileRow[] }) {
  const { t } = useTranslation("imports");
  const scroller = useRef<HTMLElement>(null);
  const sorted = [...rows].sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <section ref={scroller} className={classes.scroll} tabIndex={0} aria-label={t("files.listLabel")}>
      <ul className={classes.list} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = sorted[item.index];
          return row ? <Row key={row.id} row={row} top={item.start} /> : null;
        })}
      </ul>
    </section>
  );
}

function Row({ row, top }: { row: FileRow; top: number }) {
  const { t, i18n } = useTranslation("imports");
  const { t: tErrors } = useTranslation("errors");
  return (
    <li className={classes.row} data-state={row.state} style={{ transform: `translateY(${top}px)` }}>
      <span className={classes.name}>{row.path}</span>
      <span className={classes.size}>{formatBytes(row.file.size, i18n.language)}</span>
      <span className={classes.state}>
        {row.state === "sending" ? formatPercent(row.progress, i18n.language) : t(`files.state.${row.state}`)}
        {row.state === "failed" ? `: ${describeError(row.error, tErrors)}` : ""}
      </span>
    </li>
  );
}
