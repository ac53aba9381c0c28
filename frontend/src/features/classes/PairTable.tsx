import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { ClassFigure, ClassPair, Project } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { StageDot } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";
import classes from "./ClassesPage.module.css";
import { useFigures } from "./figures";

/** How well people and the model tell two classes apart: one row per pair. */
export function PairTable({ project, pairs }: { project: Project; pairs: readonly ClassPair[] }) {
  const { t, i18n } = useTranslation("classes");
  const { stages, is_ordered: isOrdered } = project.scale;
  return (
    <Card title={t("pairs.title")} hint={isOrdered ? t("pairs.hint") : t("pairs.hintAll")} flush>
      <TableScroll label={t("pairs.title")} minWidth={820}>
        <Table verticalSpacing="sm" className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("pairs.pair")}</Table.Th>
              <Table.Th scope="col">{t("pairs.auc")}</Table.Th>
              <Table.Th scope="col">{t("pairs.agreement")}</Table.Th>
              <Table.Th scope="col">{t("pairs.purity")}</Table.Th>
              <Table.Th scope="col">{t("pairs.confusion")}</Table.Th>
              <Table.Th scope="col">{t("pairs.photos")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pairs.map((pair) => {
              const both = [pair.first, pair.second].flatMap((it) => stageAt(stages, it) ?? []);
              return (
                <Table.Tr key={`${pair.first}-${pair.second}`}>
                  <Table.Th scope="row" className={classes.pair}>
                    {both.map((stage) => (
                      <span key={stage.position}>
                        <StageDot stage={stage} count={stages.length} small />
                        {stageName(stage, i18n.language)}
                      </span>
                    ))}
                  </Table.Th>
                  <Table.Td>
                    <Figure figure={pair.auc} />
                  </Table.Td>
                  <Table.Td>
                    <Figure figure={pair.agreement} isShare />
                  </Table.Td>
                  <Table.Td>
                    <Figure figure={pair.purity} isShare />
                  </Table.Td>
                  <Table.Td>
                    {pair.confusion === null ? "–" : formatPercent(pair.confusion, i18n.language)}
                  </Table.Td>
                  <Table.Td>{pair.n.map((n) => formatNumber(n, i18n.language)).join(" / ")}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </TableScroll>
      <dl className={classes.meaning}>
        {(["auc", "agreement", "purity", "confusion"] as const).map((name) => (
          <div key={name}>
            <dt>{t(`pairs.${name}`)}</dt>
            <dd>{t(`pairs.meaning.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Figure({ figure, isShare = false }: { figure: ClassFigure | null; isShare?: boolean }) {
  const { t } = useTranslation("classes");
  const { number, range } = useFigures();
  if (!figure) return <span className={classes.quiet}>{t("pairs.unknown")}</span>;
  return (
    <>
      <b>{number(figure.value, isShare)}</b> <span className={classes.quiet}>{range(figure, isShare)}</span>
    </>
  );
}
