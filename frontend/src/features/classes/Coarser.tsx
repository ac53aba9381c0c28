import { Button, Table } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { ClassPartition, Project } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { Card } from "@/ui/Card";
import { StageDot } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";
import classes from "./ClassesPage.module.css";
import { DraftForm } from "./DraftForm";
import { mergedStages } from "./draft";

interface CoarserProps {
  project: Project;
  partitions: readonly ClassPartition[];
  hasDraft: boolean;
}

/** Coarser scales that none beats: what they keep of the information, and how often the model is right on them. */
export function Coarser({ project, partitions, hasDraft }: CoarserProps) {
  const { t, i18n } = useTranslation("classes");
  const [chosen, setChosen] = useState<ClassPartition | null>(null);
  const { stages } = project.scale;
  const isAdmin = atLeast(project.role, "admin");
  if (partitions.length === 0) return null;
  return (
    <Card title={t("coarser.title")} hint={t("coarser.hint")} flush>
      <TableScroll label={t("coarser.title")} minWidth={640}>
        <Table verticalSpacing="sm" className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("coarser.stages")}</Table.Th>
              <Table.Th scope="col">{t("coarser.bits")}</Table.Th>
              <Table.Th scope="col">{t("coarser.accuracy")}</Table.Th>
              {isAdmin ? <Table.Th scope="col">{t("coarser.do")}</Table.Th> : null}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {partitions.map((partition) => (
              <Table.Tr key={JSON.stringify(partition.parts)}>
                <Table.Th scope="row">
                  <Parts parts={partition.parts} project={project} />
                </Table.Th>
                <Table.Td>
                  {t("coarser.of", {
                    bits: formatNumber(partition.bits, i18n.language, 2),
                    possible: formatNumber(partition.possible_bits, i18n.language, 2),
                  })}
                </Table.Td>
                <Table.Td>{formatPercent(partition.accuracy, i18n.language, 1)}</Table.Td>
                {isAdmin ? (
                  <Table.Td>
                    {partition.parts.length < stages.length ? (
                      <Button
                        size="compact-sm"
                        variant="default"
                        disabled={hasDraft}
                        onClick={() => setChosen(partition)}
                      >
                        {t("draft.make")}
                      </Button>
                    ) : (
                      <span className={classes.quiet}>{t("coarser.now")}</span>
                    )}
                  </Table.Td>
                ) : null}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
      {chosen && !hasDraft ? (
        <div className={classes.inset}>
          <DraftForm
            key={JSON.stringify(chosen.parts)}
            slug={project.slug}
            stages={mergedStages(stages, chosen.parts)}
            kind="merge"
            onClose={() => setChosen(null)}
          />
        </div>
      ) : null}
    </Card>
  );
}

function Parts({ parts, project }: { parts: readonly (readonly number[])[]; project: Project }) {
  const { stages } = project.scale;
  return (
    <span className={classes.parts}>
      {parts.map((part) => (
        <span key={part.join("-")} className={classes.part}>
          <span className={classes.hidden}>{part.map((position) => position + 1).join(" + ")}</span>
          {part.flatMap((position) => {
            const stage = stageAt(stages, position);
            return stage ? [<StageDot key={position} stage={stage} count={stages.length} small />] : [];
          })}
        </span>
      ))}
    </span>
  );
}
