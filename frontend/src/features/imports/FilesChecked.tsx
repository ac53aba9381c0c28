import { Alert, Button, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";
import { StageChip } from "@/ui/StageChip";
import { StatCard, StatRow } from "@/ui/StatCard";
import { type Checked, type FolderSeen, refusedCsv } from "./check";
import classes from "./ImportPage.module.css";
import { useReason } from "./reasons";

export interface FilesCheckedProps {
  checked: Checked;
  isLabelled: boolean;
  /** How many the scale has, for their colours. */
  nStages: number;
  onBegin: () => void;
  onBack: () => void;
}

const MOST_SHOWN = 200;

/** What looking at the files found: nothing has been sent yet. */
export function FilesChecked({ checked, isLabelled, nStages, onBegin, onBack }: FilesCheckedProps) {
  const { t, i18n } = useTranslation("imports");
  const number = (value: number) => formatNumber(value, i18n.language);
  const known = checked.planned.filter((file) => file.isKnown).length;
  const toSend = isLabelled ? checked.planned.length : checked.planned.length - known;
  return (
    <Stack>
      <Alert color="brand" role="status" title={t("checked.title")}>
        {t("checked.body")}
      </Alert>
      <StatRow>
        <StatCard label={t("tally.would")} value={number(checked.planned.length - known)} />
        <StatCard
          label={t("tally.duplicates")}
          value={number(known)}
          note={t(isLabelled ? "tally.duplicatesLabels" : "tally.duplicatesNote")}
        />
        <StatCard label={t("tally.refused")} value={number(checked.refused.length)} />
      </StatRow>
      {checked.folders.length > 0 ? <Folders folders={checked.folders} nStages={nStages} /> : null}
      {checked.refused.length > 0 ? <RefusedFiles checked={checked} /> : null}
      <div className={classes.buttons}>
        <Button disabled={toSend === 0} onClick={onBegin}>
          {t("checked.begin", { count: toSend, n: number(toSend) })}
        </Button>
        <Button variant="default" onClick={onBack}>
          {t("checked.back")}
        </Button>
      </div>
    </Stack>
  );
}

function Folders({ folders, nStages }: { folders: readonly FolderSeen[]; nStages: number }) {
  const { t, i18n } = useTranslation("imports");
  return (
    <div>
      <h3 className={classes.needsTitle}>{t("checked.folders")}</h3>
      <ul className={classes.folders}>
        {folders.map(({ name, stage, count }) => (
          <li key={name}>
            <code>{name}</code>
            <span aria-hidden="true">→</span>
            {stage ? (
              <StageChip stage={stage} count={nStages} />
            ) : (
              <span className={classes.bad}>{t("checked.noStage")}</span>
            )}
            <span className={classes.dim}>{formatNumber(count, i18n.language)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function RefusedFiles({ checked }: { checked: Checked }) {
  const { t } = useTranslation("imports");
  const reason = useReason();
  const save = () => {
    const text = refusedCsv(checked.refused, (code) => reason(code, ""));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "refused.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return (
    <div>
      <div className={classes.reportHead}>
        <h3 className={classes.needsTitle}>{t("report.title")}</h3>
        <Button variant="default" size="xs" onClick={save}>
          {t("report.csv")}
        </Button>
      </div>
      <ul className={classes.refusedList}>
        {checked.refused.slice(0, MOST_SHOWN).map(({ path, code }) => (
          <li key={path}>
            <code>{path}</code> {reason(code, "")}
          </li>
        ))}
      </ul>
    </div>
  );
}
