import { Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import { queries } from "@/api/queries";
import type { ForecastPart, ForecastTold, Stage } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { Card } from "@/ui/Card";
import { Problem } from "@/ui/Problem";
import { StageChip } from "@/ui/StageChip";
import { TableScroll } from "@/ui/TableScroll";
import classes from "./ForecastCard.module.css";
import { ForecastChart } from "./ForecastChart";
import { type Needed, neededAt, targetAt } from "./forecast";

const FIRST_TARGET = 0.9;

/** About how many more decisions a target takes, over all and by stage. */
export function ForecastCard({ slug, stages }: { slug: string; stages: readonly Stage[] }) {
  const { t } = useTranslation("training");
  const { data, error, refetch } = useQuery(queries.forecast(slug));
  const [target, setTarget] = useState(FIRST_TARGET);
  let body = <Skeleton height={120} />;
  if (error) body = <Problem error={error} onRetry={() => void refetch()} />;
  else if (data && !data.told) body = <p className={classes.plain}>{t("forecast.none")}</p>;
  else if (data?.told) {
    const index = targetAt(data.told.targets, target);
    body = (
      <>
        <Summary part={data.told.overall} index={index} target={target} labelsNow={data.labels_now} />
        {data.told.overall.curve ? (
          <>
            <Target target={target} onChange={setTarget} />
            <ForecastChart
              curve={data.told.overall.curve}
              points={data.told.points}
              labelsNow={data.labels_now}
              target={target}
            />
            <ByStage told={data.told} stages={stages} index={index} labelsNow={data.labels_now} />
          </>
        ) : null}
      </>
    );
  }
  return (
    <Card title={t("forecast.title")} hint={t("forecast.hint")}>
      <div className={classes.body}>{body}</div>
    </Card>
  );
}

function Target({ target, onChange }: { target: number; onChange: (target: number) => void }) {
  const { t, i18n } = useTranslation("training");
  return (
    <label className={classes.target}>
      <span>
        {t("forecast.target")}: <strong>{formatPercent(target, i18n.language)}</strong>
      </span>
      <input
        type="range"
        min={50}
        max={99}
        value={Math.round(target * 100)}
        aria-valuetext={formatPercent(target, i18n.language)}
        onChange={(event) => onChange(Number(event.currentTarget.value) / 100)}
      />
    </label>
  );
}

function useRangeText() {
  const { t, i18n } = useTranslation("training");
  const number = (value: number) => formatNumber(value, i18n.language);
  return ({ low, high }: Needed) =>
    high === null
      ? t("forecast.atLeast", { low: number(low) })
      : t("forecast.between", { low: number(low), high: number(high) });
}

interface PartProps {
  part: ForecastPart;
  index: number;
  labelsNow: number;
}

function Summary({ part, index, labelsNow, target }: PartProps & { target: number }) {
  const { t, i18n } = useTranslation("training");
  const range = useRangeText();
  const percent = (share: number) => formatPercent(share, i18n.language);
  const number = (value: number) => formatNumber(value, i18n.language);
  const { curve, missing } = part;
  if (!curve) {
    const text = missing?.photos
      ? t("forecast.missingPhotos", { count: missing.photos })
      : t("forecast.missingLabels", { labels: number(missing?.labels ?? 0) });
    return <p className={classes.plain}>{text}</p>;
  }
  const needed = neededAt(curve, index, labelsNow);
  const wanted = percent(target);
  let answer = t(needed.state === "reached" ? "forecast.reached" : "forecast.never", { target: wanted });
  if (needed.state === "more")
    answer = t("forecast.more", { target: wanted, count: number(needed.more ?? 0), range: range(needed) });
  return (
    <div aria-live="polite">
      <p className={classes.answer}>{answer}</p>
      <p className={classes.plain}>
        {t("forecast.now", {
          share: percent(curve.now),
          low: percent(curve.now_low),
          high: percent(curve.now_high),
          labels: number(labelsNow),
        })}
      </p>
    </div>
  );
}

interface ByStageProps {
  told: ForecastTold;
  stages: readonly Stage[];
  index: number;
  labelsNow: number;
}

function ByStage({ told, stages, index, labelsNow }: ByStageProps) {
  const { t } = useTranslation("training");
  return (
    <>
      <TableScroll label={t("forecast.title")} minWidth={300}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("forecast.stage")}</Table.Th>
              <Table.Th ta="right">{t("forecast.nowHead")}</Table.Th>
              <Table.Th ta="right">{t("forecast.neededHead")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {told.stages.map((part, position) => {
              const stage = stageAt(stages, position);
              return stage ? (
                <Table.Tr key={stage.id}>
                  <Table.Td>
                    <StageChip stage={stage} count={stages.length} />
                  </Table.Td>
                  <Cells part={part} index={index} labelsNow={labelsNow} />
                </Table.Tr>
              ) : null;
            })}
            <Table.Tr className={classes.all}>
              <Table.Td>{t("forecast.all")}</Table.Td>
              <Cells part={told.overall} index={index} labelsNow={labelsNow} />
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </TableScroll>
      <p className={classes.note}>{t("forecast.stageNote")}</p>
    </>
  );
}

function Cells({ part, index, labelsNow }: PartProps) {
  const { t, i18n } = useTranslation("training");
  const range = useRangeText();
  const { curve, missing } = part;
  if (!curve) {
    const text = missing?.photos
      ? t("forecast.cellMissing", { count: missing.photos })
      : t("forecast.cellLabels", { labels: formatNumber(missing?.labels ?? 0, i18n.language) });
    return (
      <>
        <Table.Td ta="right">–</Table.Td>
        <Table.Td ta="right" className={classes.dim}>
          {text}
        </Table.Td>
      </>
    );
  }
  const needed = neededAt(curve, index, labelsNow);
  return (
    <>
      <Table.Td ta="right">{formatPercent(curve.now, i18n.language)}</Table.Td>
      <Table.Td ta="right">
        {needed.state === "reached" ? t("forecast.cellReached") : null}
        {needed.state === "never" ? t("forecast.cellNever") : null}
        {needed.state === "more" ? (
          <>
            {formatNumber(needed.more, i18n.language)} <span className={classes.dim}>({range(needed)})</span>
          </>
        ) : null}
      </Table.Td>
    </>
  );
}
