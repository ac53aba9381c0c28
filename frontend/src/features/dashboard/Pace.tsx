import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Dashboard } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { TableScroll } from "@/ui/TableScroll";
import { dayName, perHour } from "./coverage";
import classes from "./DashboardPage.module.css";

interface Row {
  key: string;
  label: string;
  seconds: number;
  decisions: number;
  settled: number;
}

/** Decisions and settled labels per hour of work, by week and by expert. */
export function Pace({ slug, page }: { slug: string; page: Dashboard }) {
  const { t, i18n } = useTranslation("dashboard");
  const worked = page.pace_weeks.findIndex((week) => week.decisions > 0 || week.settled > 0);
  const weeks = worked < 0 ? [] : page.pace_weeks.slice(worked);
  return (
    <Card title={t("pace.title")} hint={t("pace.hint")} flush={weeks.length > 0}>
      {weeks.length === 0 ? (
        <EmptyState
          icon="review"
          title={t("pace.empty")}
          action={
            <LinkButton to="/p/$slug/review" params={{ slug }} variant="default">
              {t("pace.review")}
            </LinkButton>
          }
        >
          {t("pace.emptyBody")}
        </EmptyState>
      ) : (
        <div className={classes.paces}>
          <Rows
            title={t("pace.byWeek")}
            head={t("pace.week")}
            rows={[...weeks].reverse().map((week) => ({
              ...week,
              key: week.day,
              label: dayName(week.day, "weeks", i18n.language),
            }))}
          />
          <Rows
            title={t("pace.byPerson")}
            head={t("pace.person")}
            rows={page.pace_people.map((it) => ({ ...it, key: String(it.person), label: it.name }))}
          />
        </div>
      )}
    </Card>
  );
}

function Rows({ title, head, rows }: { title: string; head: string; rows: readonly Row[] }) {
  const { t, i18n } = useTranslation("dashboard");
  const number = (value: number | null, digits = 0) => formatNumber(value, i18n.language, digits);
  const most = Math.max(1, ...rows.map((row) => row.decisions));
  return (
    <TableScroll label={title} minWidth={440}>
      <Table verticalSpacing={6} className={classes.pace}>
        <Table.Caption className={classes.hidden}>{title}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{head}</Table.Th>
            <Table.Th scope="col">{t("pace.hours")}</Table.Th>
            <Table.Th scope="col">{t("pace.decisions")}</Table.Th>
            <Table.Th scope="col">{t("pace.rate")}</Table.Th>
            <Table.Th scope="col">{t("pace.settled")}</Table.Th>
            <Table.Th scope="col">{t("pace.rate")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key}>
              <Table.Th scope="row">{row.label}</Table.Th>
              <Table.Td>{number(row.seconds / 3600, 1)}</Table.Td>
              <Table.Td>
                <span className={classes.amount}>
                  <span className={classes.bar} style={{ width: `${(row.decisions / most) * 100}%` }} />
                  <span className={classes.over}>{number(row.decisions)}</span>
                </span>
              </Table.Td>
              <Table.Td>{number(perHour(row.decisions, row.seconds))}</Table.Td>
              <Table.Td>{number(row.settled)}</Table.Td>
              <Table.Td>{number(perHour(row.settled, row.seconds))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
