import { Button, Group, Stack, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { AdjudicationRow, Opinion, Settlement, Stage } from "@/api/types";
import { formatDateTime, formatPercent } from "@/lib/format";
import { Kbd } from "@/ui/Kbd";
import { StageChip } from "@/ui/StageChip";
import classes from "./Case.module.css";
import { UNDECIDABLE_KEY, UNUSABLE_KEY } from "./keys";

export interface CaseProps {
  row: AdjudicationRow;
  stages: readonly Stage[];
  left: number;
  hasMore: boolean;
  onSettle: (settlement: Settlement) => void;
}

/** One photo, what each expert said (names hidden), and the buttons that settle it. */
export function Case({ row, stages, left, hasMore, onSettle }: CaseProps) {
  const { t, i18n } = useTranslation("adjudicate");
  const suggested = stageAt(stages, row.suggestion?.position);
  return (
    <div className={classes.case}>
      <figure className={classes.figure}>
        <img className={classes.image} src={row.view_url} alt={t("photo", { id: row.photo_id })} />
      </figure>
      <div className={classes.side}>
        <p className={classes.left} role="status">
          {t("left", { count: left })}
          {hasMore ? "+" : ""}
          {row.stage_gap > 0 ? ` · ${t("gap", { count: row.stage_gap })}` : ""}
        </p>
        <div>
          <Title order={2} mb="xs">
            {t("opinions")}
          </Title>
          <ul className={classes.opinions}>
            {row.opinions.map((opinion) => (
              <OpinionCard key={opinion.label} opinion={opinion} stages={stages} />
            ))}
            {suggested ? (
              <li className={classes.opinion} data-model>
                <span className={classes.who}>{t("model")}</span>
                <StageChip
                  stage={suggested}
                  count={stages.length}
                  note={formatPercent(row.suggestion?.confidence, i18n.language)}
                />
              </li>
            ) : null}
          </ul>
        </div>
        <Disputed row={row} stages={stages} />
        <Verdict stages={stages} onSettle={onSettle} />
      </div>
    </div>
  );
}

function OpinionCard({ opinion, stages }: { opinion: Opinion; stages: readonly Stage[] }) {
  const { t, i18n } = useTranslation("adjudicate");
  const { t: tPhotos } = useTranslation("photos");
  const lower = stageAt(stages, opinion.stage_position);
  const upper = stageAt(stages, opinion.stage_upper_position);
  return (
    <li className={classes.opinion}>
      <span className={classes.who}>
        {opinion.label}
        <time dateTime={opinion.decided_at}>{formatDateTime(opinion.decided_at, i18n.language)}</time>
      </span>
      <span className={classes.answer}>
        {lower ? <StageChip stage={lower} count={stages.length} /> : tPhotos(`kind.${opinion.kind}`)}
        {upper ? (
          <>
            <span>{t("and")}</span>
            <StageChip stage={upper} count={stages.length} />
          </>
        ) : null}
      </span>
      {opinion.note ? <p className={classes.note}>{opinion.note}</p> : null}
    </li>
  );
}

/** Reference photos of the stages that the experts named. */
function Disputed({ row, stages }: { row: AdjudicationRow; stages: readonly Stage[] }) {
  const { t } = useTranslation("adjudicate");
  const named = new Set(
    row.opinions.flatMap((opinion) => [opinion.stage_position, opinion.stage_upper_position]),
  );
  const disputed = stages.filter((stage) => named.has(stage.position) && stage.references.length > 0);
  if (disputed.length === 0) return null;
  return (
    <div>
      <Title order={2} mb="xs">
        {t("references")}
      </Title>
      <div className={classes.references}>
        {disputed.map((stage) => (
          <figure key={stage.id} className={classes.reference}>
            <img src={stage.references[0]?.thumb_url} alt="" loading="lazy" />
            <figcaption>
              <StageChip stage={stage} count={stages.length} small />
            </figcaption>
          </figure>
        ))}
      </div>
    </div>
  );
}

function Verdict({
  stages,
  onSettle,
}: {
  stages: readonly Stage[];
  onSettle: (settlement: Settlement) => void;
}) {
  const { t } = useTranslation("adjudicate");
  const [note, setNote] = useState("");
  const withNote = (settlement: Settlement): Settlement =>
    note.trim() ? { ...settlement, note: note.trim() } : settlement;
  return (
    <Stack gap="sm">
      <Title order={2}>{t("settle")}</Title>
      <div className={classes.buttons}>
        {stages.map((stage) => (
          <Button
            key={stage.id}
            variant="default"
            justify="flex-start"
            h={44}
            onClick={() => onSettle(withNote({ outcome: "stage", stage: stage.position }))}
          >
            <StageChip stage={stage} count={stages.length} />
          </Button>
        ))}
      </div>
      <Textarea
        label={t("note")}
        description={t("noteHint")}
        autosize
        minRows={1}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group gap="xs">
        <Button
          variant="default"
          rightSection={<Kbd>{UNUSABLE_KEY.toUpperCase()}</Kbd>}
          onClick={() => onSettle(withNote({ outcome: "unusable" }))}
        >
          {t("unusable")}
        </Button>
        <Button
          variant="default"
          rightSection={<Kbd>{UNDECIDABLE_KEY.toUpperCase()}</Kbd>}
          onClick={() => onSettle(withNote({ outcome: "undecidable" }))}
        >
          {t("undecidable")}
        </Button>
        <Button
          variant="default"
          disabled={!note.trim()}
          onClick={() => onSettle(withNote({ outcome: "send_back" }))}
        >
          {t("sendBack")}
        </Button>
      </Group>
    </Stack>
  );
}
