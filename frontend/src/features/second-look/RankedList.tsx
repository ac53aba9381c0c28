import { UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project, SecondLookRow } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { StageDot } from "@/ui/StageChip";
import classes from "./RankedList.module.css";
import type { Looks } from "./useLooks";

/** All doubts, the greatest first; a click looks at one. */
export function RankedList({ project, looks }: { project: Project; looks: Looks }) {
  const { t } = useTranslation("secondLook");
  const here = useRef<HTMLLIElement>(null);
  const { rows, current } = looks;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once another one is looked at
  useEffect(() => {
    const element = here.current;
    const list = element?.parentElement;
    // Not scrollIntoView: it would scroll the page as well.
    if (element && list) list.scrollTop = element.offsetTop - (list.clientHeight - element.clientHeight) / 2;
  }, [current?.id]);
  return (
    <nav className={classes.nav} aria-label={t("list")}>
      <ol className={classes.list}>
        {rows.map((row) => (
          <li key={row.id} ref={row.id === current?.id ? here : undefined}>
            <Row project={project} row={row} isCurrent={row.id === current?.id} onChoose={looks.choose} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface RowProps {
  project: Project;
  row: SecondLookRow;
  isCurrent: boolean;
  onChoose: (id: number) => void;
}

function Row({ project, row, isCurrent, onChoose }: RowProps) {
  const { t, i18n } = useTranslation("secondLook");
  const { stages } = project.scale;
  const label = stageAt(stages, row.label_position);
  const suggested = stageAt(stages, row.suggested_position);
  if (!label || !suggested) return null;
  const [was, may] = [stageName(label, i18n.language), stageName(suggested, i18n.language)];
  return (
    <UnstyledButton
      className={classes.row}
      aria-current={isCurrent || undefined}
      aria-label={t("rowName", { label: was, suggested: may, reason: t(`reason.${row.reason}`) })}
      onClick={() => onChoose(row.id)}
    >
      <img src={row.thumb_url} alt="" loading="lazy" width={64} height={48} />
      <span className={classes.text}>
        <span className={classes.stages}>
          <StageDot stage={label} count={stages.length} small />
          <span aria-hidden="true">→</span>
          <StageDot stage={suggested} count={stages.length} small />
          <span className={classes.doubt}>{formatPercent(row.doubt, i18n.language)}</span>
        </span>
        <span className={classes.reason}>{t(`reason.${row.reason}`)}</span>
      </span>
    </UnstyledButton>
  );
}
