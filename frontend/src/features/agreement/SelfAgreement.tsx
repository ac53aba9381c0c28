import { Skeleton, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { retestQueries } from "@/api/retest";
import type { Interval, PersonRetested, Project } from "@/api/types";
import { formatDate, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { useRange } from "@/ui/Interval";
import { LinkButton } from "@/ui/links";
import { Problem } from "@/ui/Problem";
import { TableScroll } from "@/ui/TableScroll";
import classes from "./Annotators.module.css";

const FIGURES = ["exact", "within_one", "clear", "boundary"] as const;

/** How far people say the same again: the ceiling that the agreement of all is read against. */
export function SelfAgreement({ project }: { project: Project }) {
  const { t } = useTranslation("retest");
  const { slug } = project;
  const results = useQuery(retestQueries.results(slug));
  const seesAll = atLeast(project.role, "adjudicator");
  const people = results.data?.people ?? [];
  return (
    <Card
      title={t("card.title")}
      hint={t("card.hint")}
      actions={
        <LinkButton to="/p/$slug/retest" params={{ slug }} variant="default">
          {t("card.open")}
        </LinkButton>
      }
    >
      {results.isPending ? <Skeleton height={80} /> : null}
      {results.error ? <Problem error={results.error} onRetry={() => void results.refetch()} /> : null}
      {people.length > 0 ? <People people={people} isOrdered={project.scale.is_ordered} /> : null}
      {results.data && people.length === 0 ? (
        <Text size="sm">{seesAll ? t("card.none") : t("card.noneOwn")}</Text>
      ) : null}
      <Text size="sm" c="dimmed" mt="md">
        {t("card.meaning")}
      </Text>
    </Card>
  );
}

function People({ people, isOrdered }: { people: readonly PersonRetested[]; isOrdered: boolean }) {
  const { t } = useTranslation("retest");
  const isNarrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const names = FIGURES.filter((name) => isOrdered || name !== "within_one");
  if (isNarrow) {
    return (
      <div className={classes.cards}>
        {people.map((person, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may be alike, the order is the server's
          <article key={place} className={classes.card}>
            <header className={classes.head}>
              <Who person={person} />
            </header>
            <dl className={classes.facts}>
              {names.map((name) => (
                <div key={name}>
                  <dt>{t(`figure.${name}`)}</dt>
                  <dd>
                    <Share interval={person.figures[name]} />
                  </dd>
                </div>
              ))}
            </dl>
          </article>
        ))}
      </div>
    );
  }
  return (
    <TableScroll label={t("card.title")} minWidth={640}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("card.who")}</Table.Th>
            {names.map((name) => (
              <Table.Th key={name}>{t(`figure.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may be alike, the order is the server's
            <Table.Tr key={place}>
              <Table.Th scope="row" className={classes.who}>
                <Who person={person} />
              </Table.Th>
              {names.map((name) => (
                <Table.Td key={name}>
                  <Share interval={person.figures[name]} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

function Who({ person }: { person: PersonRetested }) {
  const { t, i18n } = useTranslation("retest");
  return (
    <>
      <span className={classes.name}>
        {person.name}
        {person.is_me ? <span className={classes.quiet}> {t("card.me")}</span> : null}
      </span>
      <span className={classes.quiet}>
        {t("card.rounds", { count: person.n_rounds })} · {formatDate(person.last_at, i18n.language)}
      </span>
    </>
  );
}

function Share({ interval }: { interval: Interval | null }) {
  const { t, i18n } = useTranslation("retest");
  const range = useRange(true);
  if (!interval) return <span className={classes.quiet}>{t("card.few")}</span>;
  return (
    <div className={classes.share}>
      <b>{formatPercent(interval.value, i18n.language)}</b>
      <span className={classes.quiet}>
        {range(interval)} · {t("photos", { count: interval.n })}
      </span>
    </div>
  );
}
