import { Button, Skeleton, Table } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { apiUrl } from "@/api/client";
import { isMoving, queries } from "@/api/queries";
import type { ImportDetail } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { Problem } from "@/ui/Problem";
import classes from "./ImportPage.module.css";
import { useReason } from "./reasons";

/** Every row that did not come in and why: the reasons with their counts, then row by row, and all of it as a file. */
export function Report({ slug, item }: { slug: string; item: ImportDetail }) {
  const { t, i18n } = useTranslation("imports");
  const { t: tCommon } = useTranslation();
  const reason = useReason();
  const report = useInfiniteQuery({
    ...queries.importReport(slug, item.id),
    enabled: !isMoving(item.state),
  });
  const rows = report.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <div>
      <div className={classes.reportHead}>
        <h3 className={classes.needsTitle}>{t("report.title")}</h3>
        <Button
          component="a"
          href={apiUrl(`/projects/${slug}/imports/${item.id}/report.csv`)}
          download
          variant="default"
          size="xs"
        >
          {t("report.csv")}
        </Button>
      </div>
      <ul className={classes.reasons}>
        {item.reasons.map(({ code, count }) => (
          <li key={code}>
            <strong>{formatNumber(count, i18n.language)}</strong> {reason(code, "")}
          </li>
        ))}
      </ul>
      {report.error ? <Problem error={report.error} onRetry={() => void report.refetch()} /> : null}
      {report.isLoading ? <Skeleton height={120} /> : null}
      {rows.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
        <section className={classes.reportScroll} tabIndex={0} aria-label={t("report.title")}>
          <Table stickyHeader verticalSpacing={6} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("report.row")}</Table.Th>
                <Table.Th>{t("report.file")}</Table.Th>
                <Table.Th>{t("report.why")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.id}>
                  <Table.Td>{row.row === 0 ? "–" : formatNumber(row.row, i18n.language)}</Table.Td>
                  <Table.Td className={classes.file}>{row.name}</Table.Td>
                  <Table.Td>{reason(row.code, row.message)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {report.hasNextPage ? (
            <Button
              m="sm"
              size="xs"
              variant="default"
              loading={report.isFetchingNextPage}
              onClick={() => void report.fetchNextPage()}
            >
              {tCommon("loadMore")}
            </Button>
          ) : null}
        </section>
      ) : null}
    </div>
  );
}
