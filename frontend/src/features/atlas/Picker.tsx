import { Button, Drawer, Skeleton, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import type { Candidate, Stage } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { Problem } from "@/ui/Problem";
import classes from "./Picker.module.css";
import { useReferences } from "./useReferences";

/** As the server has it. */
const MOST = 12;

interface PickerProps {
  opened: boolean;
  slug: string;
  stage: Stage;
  beside: number | null;
  /** Examples there are already. */
  chosen: readonly number[];
  title: string;
  onClose: () => void;
}

/** Settled photos that would make good examples, the best first; what is picked goes behind those there are. */
export function Picker({ opened, title, onClose, ...rest }: PickerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={640}
      title={title}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {opened ? <Candidates {...rest} onClose={onClose} /> : null}
    </Drawer>
  );
}

function Candidates({ slug, stage, beside, chosen, onClose }: Omit<PickerProps, "opened" | "title">) {
  const { t } = useTranslation("atlas");
  const candidates = useQuery(queries.candidates(slug, stage.id, beside));
  const [picked, setPicked] = useState<readonly number[]>([]);
  const save = useReferences(slug, stage.id, beside);
  const room = MOST - chosen.length;
  const toggle = (id: number) =>
    setPicked(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
  if (candidates.isPending) return <Skeleton height={320} />;
  if (candidates.error) return <Problem error={candidates.error} onRetry={() => void candidates.refetch()} />;
  if (candidates.data.length === 0)
    return (
      <EmptyState icon="photos" title={t("picker.none")}>
        {t("picker.noneHint")}
      </EmptyState>
    );
  return (
    <>
      <p className={classes.hint}>{beside === null ? t("picker.hint") : t("picker.hintBoundary")}</p>
      <ul className={classes.list}>
        {candidates.data.map((candidate) => (
          <li key={candidate.photo_id}>
            <Choice
              candidate={candidate}
              isPicked={picked.includes(candidate.photo_id)}
              isFull={picked.length >= room}
              onToggle={() => toggle(candidate.photo_id)}
            />
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <span role="status">{picked.length >= room ? t("picker.full", { count: MOST }) : null}</span>
        <Button
          disabled={picked.length === 0}
          loading={save.isPending}
          onClick={() => save.mutate([...chosen, ...picked], { onSuccess: onClose })}
        >
          {t("picker.save", { count: picked.length })}
        </Button>
      </div>
    </>
  );
}

interface ChoiceProps {
  candidate: Candidate;
  isPicked: boolean;
  isFull: boolean;
  onToggle: () => void;
}

function Choice({ candidate, isPicked, isFull, onToggle }: ChoiceProps) {
  const { t, i18n } = useTranslation("atlas");
  const { beside_share: share } = candidate;
  return (
    <UnstyledButton
      className={classes.choice}
      aria-pressed={isPicked}
      disabled={isFull && !isPicked}
      aria-label={t("picker.photo", { id: candidate.photo_id })}
      onClick={onToggle}
    >
      <img
        className={classes.photo}
        src={candidate.thumb_url}
        alt=""
        loading="lazy"
        width={320}
        height={240}
      />
      {isPicked ? (
        <span className={classes.tick}>
          <Icon name="check" size={16} />
        </span>
      ) : null}
      <span className={classes.note}>
        {t("picker.experts", { count: candidate.n_annotations })}
        {share !== null ? ` · ${t("picker.other", { share: formatPercent(share, i18n.language) })}` : ""}
      </span>
    </UnstyledButton>
  );
}
