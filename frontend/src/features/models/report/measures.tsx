import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReportSubset, Stage } from "@/api/types";
import { Card } from "@/ui/Card";
import { IntervalTable } from "@/ui/Interval";
import { StageChip, StageDot } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";
import { type Figure, isShare, useWriting } from "./figures";
import classes from "./report.module.css";

const ORDER = [
  "accuracy",
  "balanced_accuracy",
  "macro_f1",
  "qwk",
  "mae",
  "far_errors",
  "nll",
  "brier",
  "ece",
] as const;

/** Every headline figure with its interval and what it says. */
export function Figures({ subset }: { subset: ReportSubset }) {
  const { t } = useTranslation("report");
  const { number, percent, range } = useWriting();
  const rows = ORDER.flatMap((name) => {
    const figure = subset.figures[name];
    return figure ? [{ name, figure, write: isShare(name) ? percent : number }] : [];
  });
  return (
    <Card title={t("figures.title")} hint={t("figures.hint")} flush>
      <TableScroll label={t("figures.title")} minWidth={560}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("figures.measure")}</Table.Th>
              <Table.Th ta="right">{t("figures.value")}</Table.Th>
              <Table.Th>{t("figures.interval")}</Table.Th>
              <Table.Th>{t("figures.meaning")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name, figure, write }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{t(`figures.name.${name}`)}</Table.Th>
                <Table.Td ta="right">
                  <b>{write(figure.value)}</b>
                </Table.Td>
                <Table.Td className={classes.range}>{range(figure, write)}</Table.Td>
                <Table.Td className={classes.dim}>{t(`figures.meaningOf.${name}`)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Card>
  );
}

const withN = (figure: Figure | null, n: number) => (figure ? { ...figure, n } : null);

/** The same predictions against every kind of label, beside what experts reach among themselves. */
export function Labels({ subset }: { subset: ReportSubset }) {
  const { t } = useTranslation("report");
  const { against, experts, consensus_on_single: perfect } = subset.labels;
  const rows = [
    ...against.map((row) => ({
      key: row.labels,
      label: t(`labels.${row.labels}`),
      interval: withN(row.accuracy, row.n),
    })),
    { key: "perfect", label: t("labels.perfect"), interval: withN(perfect, against[0]?.n ?? 0) },
    { key: "experts", label: t("labels.experts"), interval: withN(experts.agreement, experts.n_pairs) },
  ];
  return (
    <Card title={t("labels.title")} hint={t("labels.hint")}>
      <IntervalTable
        caption={t("labels.title")}
        rows={rows}
        heads={{
          label: t("labels.label"),
          figure: t("labels.figure"),
          n: t("labels.n"),
          none: t("labels.none"),
        }}
      />
      {experts.agreement ? null : <p className={classes.dim}>{t("labels.noExperts")}</p>}
    </Card>
  );
}

/** Where one stage is taken for the other, by the model and among experts. */
export function Boundaries({ subset, stages }: { subset: ReportSubset; stages: readonly Stage[] }) {
  const { t } = useTranslation("report");
  const { number, percent, range } = useWriting();
  return (
    <Card title={t("boundaries.title")} hint={t("boundaries.hint")} flush={subset.boundaries.length > 0}>
      {subset.boundaries.length === 0 ? (
        <p className={classes.dim}>{t("boundaries.none")}</p>
      ) : (
        <TableScroll label={t("boundaries.title")} minWidth={760}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("boundaries.pair")}</Table.Th>
                <Table.Th ta="right">{t("boundaries.n")}</Table.Th>
                <Table.Th ta="right">{t("boundaries.later")}</Table.Th>
                <Table.Th ta="right">{t("boundaries.earlier")}</Table.Th>
                <Table.Th ta="right">{t("boundaries.confused")}</Table.Th>
                <Table.Th ta="right">{t("boundaries.experts")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {subset.boundaries.map((row) => (
                <Table.Tr key={`${row.lower}-${row.upper}`}>
                  <Table.Th scope="row" className={classes.stage}>
                    <StagePair stages={stages} pair={[row.lower, row.upper]} />
                  </Table.Th>
                  <Table.Td ta="right">{number(row.n, 0)}</Table.Td>
                  <Table.Td ta="right">{number(row.taken_for_upper, 0)}</Table.Td>
                  <Table.Td ta="right">{number(row.taken_for_lower, 0)}</Table.Td>
                  <Table.Td ta="right">
                    {row.confused ? (
                      <>
                        <b>{percent(row.confused.value)}</b>
                        <br />
                        <span className={classes.range}>{range(row.confused, percent)}</span>
                      </>
                    ) : (
                      "–"
                    )}
                  </Table.Td>
                  <Table.Td ta="right">
                    {row.experts_differ === null ? "–" : percent(row.experts_differ)}
                    {row.expert_pairs > 0 ? (
                      <>
                        <br />
                        <span className={classes.range}>
                          {t("boundaries.pairs", { n: number(row.expert_pairs, 0) })}
                        </span>
                      </>
                    ) : null}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </Card>
  );
}

/** Two stages by their chips. */
export function StagePair({ stages, pair }: { stages: readonly Stage[]; pair: readonly number[] }) {
  return (
    <span className={classes.pair}>
      {pair.map((position) => {
        const stage = stages.find((candidate) => candidate.position === position);
        return stage ? (
          <StageChip key={position} stage={stage} count={stages.length} small />
        ) : (
          <span key={position}>{position + 1}</span>
        );
      })}
    </span>
  );
}

/** One stage by its digit; its name is told by what stands around. */
export function DotAt({ stages, position }: { stages: readonly Stage[]; position: number }) {
  const stage = stages.find((candidate) => candidate.position === position);
  return stage ? <StageDot stage={stage} count={stages.length} small /> : <span>{position + 1}</span>;
}
