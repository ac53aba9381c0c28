import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isMoving } from "@/api/queries";
import type { Import } from "@/api/types";
import { formatAgo, formatNumber } from "@/lib/format";
import { LinkAnchor } from "@/ui/links";
import { StateBadge } from "@/ui/StateBadge";
import classes from "./ImportPage.module.css";
import { stateKey } from "./states";

export interface ImportRowProps {
  slug: string;
  item: Import;
  isShown: boolean;
}

/** One import of the list: what came of it in a line; its name opens it. */
export function ImportRow({ slug, item, isShown }: ImportRowProps) {
  const { t, i18n } = useTranslation("imports");
  const number = (value: number) => formatNumber(value, i18n.language);
  const done = item.received + item.duplicates + item.refused;
  const words = [
    item.received > 0
      ? t(item.is_dry_run ? "row.would" : "row.received", { count: item.received, n: number(item.received) })
      : "",
    item.duplicates > 0 ? t("row.duplicates", { count: item.duplicates, n: number(item.duplicates) }) : "",
    item.refused > 0 ? t("row.refused", { count: item.refused, n: number(item.refused) }) : "",
    t(`use.short.${item.label_use}`, { source: item.label_source }),
  ];
  return (
    <article className={classes.row} data-shown={isShown || undefined}>
      <div className={classes.head}>
        <LinkAnchor
          to="/p/$slug/import"
          params={{ slug }}
          search={{ import: item.id }}
          className={classes.name}
          aria-current={isShown ? "true" : undefined}
        >
          {item.name}
        </LinkAnchor>
        <StateBadge state={item.state} label={t(`state.${stateKey(item)}`)} />
        <span className={classes.date}>{formatAgo(item.created_at, i18n.language)}</span>
      </div>
      {isMoving(item.state) && item.total > 0 ? (
        <Progress
          my={6}
          value={(done / item.total) * 100}
          aria-label={t("row.progress", { name: item.name })}
        />
      ) : null}
      <p className={classes.dim}>{words.filter(Boolean).join(" · ")}</p>
    </article>
  );
}
