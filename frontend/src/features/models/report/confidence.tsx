import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReportSubset, Stage } from "@/api/types";
import { Card } from "@/ui/Card";
import { LineChart } from "@/ui/LineChart";
import { StageChip } from "@/ui/StageChip";
import { StatCard, StatRow } from "@/ui/StatCard";
import { TableScroll } from "@/ui/TableScroll";
import { useWriting } from "./figures";
import { accuracyDomain, curvePoints } from "./plots";
import { ReliabilityDiagram } from "./ReliabilityDiagram";
import classes from "./report.module.css";

/** Confidence against accuracy, as a diagram and as numbers. */
export function Reliability({ subset }: { subset: ReportSubset }) {
  const { t } = useTranslation("report");
  const { number, percent, range } = useWriting();
  const { reliability } = subset;
  return (
    <Card
      title={t("reliability.title")}
      hint={t("reliability.hint", { temperature: number(reliability.temperature, 2) })}
    >
      <ReliabilityDiagram
        bins={reliability.bins}
        before={reliability.bins_before}
        ece={reliability.ece.value}
        eceBefore={reliability.ece_before.value}
      />
      <details className={classes.numbers}>
        <summary>{t("reliability.numbers")}</summary>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("reliability.confidence")}</Table.Th>
              <Table.Th ta="right">{t("reliability.accuracy")}</Table.Th>
              <Table.Th ta="right">{t("reliability.n")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {reliability.bins.map((bin) => (
              <Table.Tr key={bin.confidence}>
                <Table.Td>{percent(bin.confidence)}</Table.Td>
                <Table.Td ta="right">
                  {percent(bin.value)} <span className={classes.range}>{range(bin, percent)}</span>
                </Table.Td>
                <Table.Td ta="right">{number(bin.n, 0)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </Card>
  );
}

/** Accuracy on the surest photos, against the level of experts, and the thresholds that are served. */
export function Answering({ subset }: { subset: ReportSubset }) {
  const { t } = useTranslation("report");
  const { number, percent, range } = useWriting();
  const { answering } = subset;
  const level = subset.labels.experts.agreement?.value ?? null;
  const lines = [
    {
      name: t("answering.model"),
      points: curvePoints(answering.curve),
      color: "var(--mantine-color-anchor)",
    },
    ...(level === null
      ? []
      : [
          {
            name: t("answering.experts"),
            points: [[0, level] as const, [100, level] as const],
            color: "#b5731a",
            dashed: true,
          },
        ]),
  ];
  return (
    <Card title={t("answering.title")} hint={t("answering.hint", { aurc: number(answering.aurc.value) })}>
      <LineChart
        title={t("answering.alt")}
        xLabel={t("answering.x")}
        yLabel={t("answering.y")}
        lines={lines}
        yDomain={accuracyDomain(answering.curve, level)}
      />
      <ul className={classes.list}>
        {answering.at.map((row) => (
          <li key={row.coverage}>
            <b>{percent(row.value)}</b> {t("answering.at", { coverage: percent(row.coverage, 0) })}{" "}
            <span className={classes.range}>{range(row, percent)}</span>
          </li>
        ))}
        {answering.served.map((row) => {
          const wanted = percent(row.wanted, 0);
          return (
            <li key={row.kind} className={classes.dim}>
              {row.threshold === null
                ? t("answering.never", { wanted })
                : t(`answering.${row.kind}`, {
                    wanted,
                    threshold: percent(row.threshold),
                    answered: percent(row.answered, 0),
                    accuracy: percent(row.accuracy?.value),
                  })}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** Sets of neighbouring stages: what they promise, and what they give stage by stage. */
export function Conformal({ subset, stages }: { subset: ReportSubset; stages: readonly Stage[] }) {
  const { t } = useTranslation("report");
  const { number, percent, range } = useWriting();
  const { conformal } = subset;
  if (!conformal) {
    return (
      <Card title={t("conformal.title")}>
        <p className={classes.dim}>{t("conformal.none")}</p>
      </Card>
    );
  }
  const promised = percent(conformal.promised, 0);
  return (
    <Card title={t("conformal.title")} hint={t("conformal.hint", { promised })}>
      <StatRow>
        <StatCard
          label={t("conformal.covered")}
          value={percent(conformal.covered.value)}
          note={`${range(conformal.covered, percent)} · ${t("conformal.promised", { promised })}`}
        />
        <StatCard
          label={t("conformal.size")}
          value={number(conformal.size.value, 2)}
          note={range(conformal.size, (value) => number(value, 2))}
        />
        <StatCard label={t("conformal.one")} value={percent(conformal.sizes[0] ?? 0)} />
      </StatRow>
      <TableScroll label={t("conformal.title")} minWidth={520}>
        <Table mt="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("conformal.stage")}</Table.Th>
              <Table.Th ta="right">{t("conformal.n")}</Table.Th>
              <Table.Th ta="right">{t("conformal.covered")}</Table.Th>
              <Table.Th ta="right">{t("conformal.size")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {stages.map((stage) => {
              const row = conformal.by_stage[stage.position];
              return (
                <Table.Tr key={stage.id}>
                  <Table.Th scope="row" className={classes.stage}>
                    <StageChip stage={stage} count={stages.length} small />
                  </Table.Th>
                  <Table.Td ta="right">{number(row?.n, 0)}</Table.Td>
                  <Table.Td ta="right">
                    {percent(row?.covered?.value)}{" "}
                    {row?.covered ? (
                      <span className={classes.range}>{range(row.covered, percent)}</span>
                    ) : null}
                  </Table.Td>
                  <Table.Td ta="right">{number(row?.size?.value, 2)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Card>
  );
}
