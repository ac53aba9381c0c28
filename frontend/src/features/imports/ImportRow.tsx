import { Alert, Progress, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { Import } from "@/api/types";
import { formatDateTime, formatNumber } from "@/lib/format";
import { LinkAnchor } from "@/ui/links";
import { StateBadge } from "@/ui/StateBadge";
import classes from "./ImportRow.module.css";

/** One import: its progress while it runs, its report afterwards. */
export function ImportRow({ slug, item }: { slug: string; item: Import }) {
  const { t, i18n } = useTranslation("imports");
  const [opened, { toggle }] = useDisclosure(false);
  const number = (value: number) => formatNumber(value, i18n.language);
  const done = item.received + item.duplicates + item.refused;
  const isLive = item.state === "running" || item.state === "pending";
  return (
    <article className={classes.row}>
      <div className={classes.head}>
        <strong className={classes.name}>{item.name}</strong>
        <StateBadge state={item.state} label={t(`state.${item.state}`)} />
        <span className={classes.date}>{formatDateTime(item.created_at, i18n.language)}</span>
      </div>
      {isLive && item.total > 0 ? (
        <Progress
          my={6}
          value={(done / item.total) * 100}
          aria-label={t("row.progress", { name: item.name })}
        />
      ) : null}
      <p className={classes.numbers}>
        {t("row.received", { count: item.received, n: number(item.received) })}
        {" · "}
        {t("row.prepared", { count: item.processed, n: number(item.processed) })}
        {item.duplicates > 0
          ? ` · ${t("row.duplicates", { count: item.duplicates, n: number(item.duplicates) })}`
          : ""}
        {item.refused > 0 ? ` · ${t("row.refused", { count: item.refused, n: number(item.refused) })}` : ""}
        {" · "}
        {t(`use.${item.label_use}`)}
        {item.label_source ? ` (${item.label_source})` : ""}
      </p>
      {item.error ? (
        <Alert color="clay" mt="xs">
          {item.error}
        </Alert>
      ) : null}
      <div className={classes.links}>
        <LinkAnchor to="/p/$slug/photos" params={{ slug }} search={{ import_batch: item.id }} size="sm">
          {t("row.see")}
        </LinkAnchor>
        {item.report.length > 0 ? (
          <UnstyledButton className={classes.toggle} aria-expanded={opened} onClick={toggle}>
            {opened ? t("row.hideReport") : t("row.showReport", { count: item.report.length })}
          </UnstyledButton>
        ) : null}
      </div>
      {opened ? (
        <ul className={classes.report}>
          {item.report.map((line) => (
            <li key={`${line.row}-${line.name}-${line.code}`}>
              <code>{line.name}</code> {line.message || line.code}
            </li>
          ))}
        </ul>
      ) : null}
    </article>
  );
}
