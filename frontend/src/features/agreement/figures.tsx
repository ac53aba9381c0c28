import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Agreement, Interval, Scale, Stage } from "@/api/types";
import { formatDate, formatNumber, formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { IntervalTable, useFigure, useRange } from "@/ui/Interval";
import { StageDot } from "@/ui/StageChip";
import { StatCard, StatRow } from "@/ui/StatCard";
import { TrendChart } from "@/ui/TrendChart";
import classes from "./AgreementPage.module.css";

const SHARES = ["exact", "within_one"] as const;
const COEFFICIENTS = ["qwk", "alpha"] as const;

/** Between all experts, on photos that several answered. */
export function Overall({ report }: { report: Agreement }) {
  const { overall } = report;
  if (!overall) return null;
  return (
    <StatRow>
      {SHARES.map((name) => (
        <Figure key={name} name={name} interval={overall[name]} isShare />
      ))}
      {COEFFICIENTS.map((name) => (
        <Figure key={name} name={name} interval={overall[name]} />
      ))}
    </StatRow>
  );
}

interface FigureProps {
  name: (typeof SHARES)[number] | (typeof COEFFICIENTS)[number];
  interval: Interval | null;
  isShare?: boolean;
}

function Figure({ name, interval, isShare = false }: FigureProps) {
  const { t } = useTranslation("agreement");
  const figure = useFigure(isShare);
  const range = useRange(isShare);
  // Without an order of the stages there is no nearer or farther.
  if (!interval) return null;
  return <StatCard label={t(`figure.${name}`)} value={figure(interval.value)} note={range(interval)} />;
}

/** Two stages that meet; on a phone their digits stand for them. */
export function Pair({ lower, upper, count }: { lower: Stage; upper: Stage; count: number }) {
  const { i18n } = useTranslation();
  return (
    <span className={classes.pair}>
      <StageDot stage={lower} count={count} small />
      <span className={classes.pairName}>{stageName(lower, i18n.language)}</span>
      <span aria-hidden="true">|</span>
      <StageDot stage={upper} count={count} small />
      <span className={classes.pairName}>{stageName(upper, i18n.language)}</span>
    </span>
  );
}

export function Boundaries({ report, scale }: { report: Agreement; scale: Scale }) {
  const { t } = useTranslation("agreement");
  const { stages } = scale;
  const rows = report.boundaries.flatMap(({ boundary, agreement }) => {
    const [lower, upper] = [stageAt(stages, boundary), stageAt(stages, boundary + 1)];
    if (!lower || !upper) return [];
    const label = <Pair key={boundary} lower={lower} upper={upper} count={stages.length} />;
    return [{ key: boundary, label, interval: agreement }];
  });
  if (rows.length === 0) return null;
  return (
    <Card title={t("boundaries.title")} hint={t("boundaries.hint")}>
      <IntervalTable
        rows={rows}
        caption={t("boundaries.title")}
        heads={{
          label: t("boundaries.between"),
          figure: t("boundaries.figure"),
          n: t("boundaries.n"),
          none: t("tooFew"),
        }}
      />
    </Card>
  );
}

export function Trend({ weeks }: { weeks: Agreement["trend"] }) {
  const { t, i18n } = useTranslation("agreement");
  const { language } = i18n;
  const range = useRange(true);
  const dayMonth = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const points = weeks.map(({ week, exact, qwk }) => {
    const at = Date.parse(`${week}T00:00:00Z`);
    return { at, label: dayMonth.format(at), interval: exact, other: qwk };
  });
  return (
    <Card title={t("trend.title")} hint={t("trend.hint")}>
      {points.length > 1 ? (
        <TrendChart
          title={t("trend.title")}
          points={points}
          names={{ interval: t("figure.exact"), other: t("figure.qwk") }}
        />
      ) : null}
      <details className={classes.numbers} open={points.length === 1 || undefined}>
        <summary>{t("numbers")}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("trend.week")}</th>
              <th scope="col">{t("figure.exact")}</th>
              <th scope="col">{t("figure.qwk")}</th>
              <th scope="col">{t("boundaries.n")}</th>
            </tr>
          </thead>
          <tbody>
            {weeks.map(({ week, exact, qwk }) => (
              <tr key={week}>
                <th scope="row">{formatDate(`${week}T12:00:00Z`, language)}</th>
                <td>
                  {formatPercent(exact.value, language)} ({range(exact)})
                </td>
                <td>{formatNumber(qwk, language, 2)}</td>
                <td>{formatNumber(exact.n, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Card>
  );
}

const ALWAYS = ["interval", "exact", "accuracy", "gold", "anchoring", "pace"] as const;
const ORDERED = ["within_one", "qwk", "alpha", "boundary", "bias"] as const;

/** Each figure of the page in a sentence. */
export function Meaning({ isOrdered }: { isOrdered: boolean }) {
  const { t } = useTranslation("agreement");
  const names = isOrdered ? [...ALWAYS.slice(0, 2), ...ORDERED, ...ALWAYS.slice(2)] : ALWAYS;
  return (
    <Card title={t("meaning.title")}>
      <dl className={classes.meaning}>
        {names.map((name) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{t(`meaning.${name}.name`)}</dt>
            <dd>{t(`meaning.${name}.text`)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
