import { Table } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { AnnotatorAgreement, Interval, Project } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { stageDigit } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { DivergingBars } from "@/ui/DivergingBars";
import { Icon } from "@/ui/Icon";
import { domainOf, IntervalLine, useRange } from "@/ui/Interval";
import { TableScroll } from "@/ui/TableScroll";
import page from "./AgreementPage.module.css";
import classes from "./Annotators.module.css";
import { Pair } from "./figures";

interface AnnotatorsProps {
  annotators: readonly AnnotatorAgreement[];
  project: Project;
}

/** One row per expert for who sees all; an own card for who sees themself. */
export function Annotators({ annotators, project }: AnnotatorsProps) {
  const { t } = useTranslation("agreement");
  const isNarrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const seesAll = atLeast(project.role, "adjudicator");
  const domain = domainOf(annotators.flatMap((it) => [it.accuracy, it.gold_accuracy]));
  const rows = annotators.map((annotator) => (
    <AnnotatorCard key={keyOf(annotator)} annotator={annotator} project={project} domain={domain} />
  ));
  return (
    <Card
      title={seesAll ? t("annotators.title") : t("annotators.own")}
      hint={seesAll ? t("annotators.hint") : t("annotators.ownHint")}
      flush={seesAll && !isNarrow}
    >
      {seesAll && !isNarrow ? (
        <AnnotatorTable annotators={annotators} project={project} domain={domain} />
      ) : (
        <div className={classes.cards}>{rows}</div>
      )}
      <PerBoundary annotators={annotators} project={project} />
    </Card>
  );
}

function keyOf(annotator: AnnotatorAgreement): string {
  return annotator.id === null ? annotator.name : String(annotator.id);
}

interface CellsProps {
  annotator: AnnotatorAgreement;
  project: Project;
  domain: readonly [number, number];
}

function AnnotatorTable({ annotators, project, domain }: AnnotatorsProps & Pick<CellsProps, "domain">) {
  const { t, i18n } = useTranslation("agreement");
  const isOrdered = project.scale.is_ordered;
  return (
    <TableScroll label={t("annotators.title")} minWidth={900}>
      <Table verticalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.who")}</Table.Th>
            <Table.Th>{t("column.accuracy")}</Table.Th>
            <Table.Th>{t("column.gold")}</Table.Th>
            {isOrdered ? <Table.Th>{t("column.bias")}</Table.Th> : null}
            <Table.Th>{t("column.anchoring")}</Table.Th>
            <Table.Th ta="right">{t("column.pace")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {annotators.map((annotator) => (
            <Table.Tr key={keyOf(annotator)}>
              <Table.Th scope="row" className={classes.who}>
                <Name annotator={annotator} />
                <span className={classes.quiet}>
                  {t("answers", {
                    count: annotator.n_annotations,
                    n: formatNumber(annotator.n_annotations, i18n.language),
                  })}
                </span>
                <Flags annotator={annotator} />
              </Table.Th>
              <Table.Td>
                <Share interval={annotator.accuracy} domain={domain} />
              </Table.Td>
              <Table.Td>
                <Share interval={annotator.gold_accuracy} domain={domain} isGold />
              </Table.Td>
              {isOrdered ? (
                <Table.Td>
                  <Bias annotator={annotator} project={project} />
                </Table.Td>
              ) : null}
              <Table.Td>
                <AnchoringCell annotator={annotator} />
              </Table.Td>
              <Table.Td ta="right">
                <Pace annotator={annotator} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

function AnnotatorCard({ annotator, project, domain }: CellsProps) {
  const { t, i18n } = useTranslation("agreement");
  const facts: [string, ReactNode][] = [
    [t("column.accuracy"), <Share key="a" interval={annotator.accuracy} domain={domain} />],
    [t("column.gold"), <Share key="g" interval={annotator.gold_accuracy} domain={domain} isGold />],
    ...(project.scale.is_ordered
      ? [[t("column.bias"), <Bias key="b" annotator={annotator} project={project} />] as [string, ReactNode]]
      : []),
    [t("column.anchoring"), <AnchoringCell key="c" annotator={annotator} />],
    [t("column.pace"), <Pace key="p" annotator={annotator} />],
  ];
  return (
    <article className={classes.card}>
      <header className={classes.head}>
        <Name annotator={annotator} />
        <span className={classes.quiet}>
          {t("answers", {
            count: annotator.n_annotations,
            n: formatNumber(annotator.n_annotations, i18n.language),
          })}
        </span>
      </header>
      <Flags annotator={annotator} />
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function Name({ annotator }: { annotator: AnnotatorAgreement }) {
  const { t } = useTranslation("agreement");
  const note = annotator.is_me ? t("me") : annotator.is_source ? t("source") : "";
  return (
    <span className={classes.name}>
      {annotator.name}
      {note ? <span className={classes.quiet}> {note}</span> : null}
    </span>
  );
}

/** What stands out, in a sentence each. */
function Flags({ annotator }: { annotator: AnnotatorAgreement }) {
  const { t } = useTranslation("agreement");
  if (annotator.flags.length === 0) return null;
  return (
    <ul className={classes.flags}>
      {annotator.flags.map((flag) => (
        <li key={flag}>
          <Icon name="warning" size={16} />
          <span>
            <b>{t(`flag.${flag}.name`)}</b>: {t(`flag.${flag}.text`)}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface ShareProps {
  interval: Interval | null;
  domain: readonly [number, number];
  isGold?: boolean;
}

function Share({ interval, domain, isGold = false }: ShareProps) {
  const { t, i18n } = useTranslation("agreement");
  const range = useRange(true);
  if (!interval) return <span className={classes.quiet}>{isGold ? t("noGold") : t("tooFew")}</span>;
  return (
    <div className={classes.share}>
      <b>{formatPercent(interval.value, i18n.language)}</b>
      <IntervalLine interval={interval} domain={domain} color={isGold ? "#b5731a" : undefined} />
      <span className={classes.quiet}>
        {range(interval)} · {t(isGold ? "goldPhotos" : "photos", { count: interval.n })}
      </span>
    </div>
  );
}

/** The mean distance in words, and where on the scale it comes from. */
function Bias({ annotator, project }: { annotator: AnnotatorAgreement; project: Project }) {
  const { t, i18n } = useTranslation("agreement");
  const { stages } = project.scale;
  const size = formatNumber(Math.abs(annotator.bias), i18n.language, 2);
  const direction = Math.abs(annotator.bias) < 0.005 ? "none" : annotator.bias > 0 ? "late" : "early";
  const bars = annotator.up.map((up, boundary) => {
    const [lower, upper] = [stageAt(stages, boundary), stageAt(stages, boundary + 1)];
    const label = lower && upper ? `${stageDigit(lower)}|${stageDigit(upper)}` : "";
    return { key: boundary, label, up, down: annotator.down[boundary] ?? 0 };
  });
  return (
    <div className={classes.bias}>
      <span>{t(`bias.${direction}`, { size })}</span>
      {bars.length > 0 ? (
        <DivergingBars bars={bars} title={t("bias.chart", { name: annotator.name })} />
      ) : null}
    </div>
  );
}

/** How often the model is followed, shown and hidden. */
function AnchoringCell({ annotator }: { annotator: AnnotatorAgreement }) {
  const { t, i18n } = useTranslation("agreement");
  const { anchoring } = annotator;
  if (!anchoring) return <span className={classes.quiet}>{t("noBlind")}</span>;
  const points = (value: number) =>
    `${value > 0 ? "+" : value < 0 ? "−" : ""}${formatNumber(Math.abs(value) * 100, i18n.language)}`;
  const { shown, hidden, difference } = anchoring;
  return (
    <div className={classes.anchoring}>
      <span>
        {t("anchoring.both", {
          shown: formatPercent(shown.value, i18n.language),
          hidden: formatPercent(hidden.value, i18n.language),
        })}
      </span>
      <b>{t("anchoring.points", { n: points(difference.value) })}</b>
      <span className={classes.quiet}>
        {t("anchoring.range", { low: points(difference.low), high: points(difference.high) })}
      </span>
    </div>
  );
}

function Pace({ annotator }: { annotator: AnnotatorAgreement }) {
  const { t, i18n } = useTranslation("agreement");
  const ms = annotator.median_lead_ms;
  if (ms === null) return <span className={classes.quiet}>–</span>;
  return <span className={classes.pace}>{t("pace", { n: formatNumber(ms / 1000, i18n.language, 1) })}</span>;
}

/** The numbers behind the small charts. */
function PerBoundary({ annotators, project }: AnnotatorsProps) {
  const { t, i18n } = useTranslation("agreement");
  const { stages, is_ordered: isOrdered } = project.scale;
  const shown = annotators.filter((annotator) => annotator.up.length > 0);
  if (!isOrdered || shown.length === 0) return null;
  return (
    <details className={`${page.numbers} ${classes.numbers}`}>
      <summary>{t("bias.numbers")}</summary>
      <TableScroll label={t("bias.numbers")} minWidth={120 + 150 * shown.length}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("boundaries.between")}</th>
              {shown.map((annotator) => (
                <th key={keyOf(annotator)} scope="col">
                  {annotator.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {stages.slice(0, -1).map((lower, boundary) => {
              const upper = stageAt(stages, boundary + 1);
              return upper ? (
                <tr key={lower.id}>
                  <th scope="row">
                    <Pair lower={lower} upper={upper} count={stages.length} />
                  </th>
                  {shown.map((annotator) => (
                    <td key={keyOf(annotator)}>
                      {t("bias.cell", {
                        up: formatPercent(annotator.up[boundary], i18n.language),
                        down: formatPercent(annotator.down[boundary], i18n.language),
                      })}
                    </td>
                  ))}
                </tr>
              ) : null;
            })}
          </tbody>
        </table>
      </TableScroll>
    </details>
  );
}
