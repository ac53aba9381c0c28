import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { SecondLookFilters } from "@/api/queries";
import type { Project, SecondLookReason, SecondLookSummary } from "@/api/types";
import { stageName } from "@/lib/stages";
import { HeldDecision } from "@/ui/HeldDecision";
import { WorkBar } from "@/ui/WorkBar";
import { effectOf } from "./doubt";
import classes from "./LookBar.module.css";
import type { Looks } from "./useLooks";

interface LookBarProps {
  project: Project;
  looks: Looks;
  summary: SecondLookSummary | undefined;
  filters: SecondLookFilters;
  onFilters: (filters: SecondLookFilters) => void;
  onOpen: (what: "keys" | "rounds") => void;
}

/** How many are left, of which kind, what looking has brought so far, and the last decision while it can be taken back. */
export function LookBar({ project, looks, summary, filters, onFilters, onOpen }: LookBarProps) {
  const { t } = useTranslation("secondLook");
  const left = summary?.stages.reduce((sum, it) => sum + it.n, 0) ?? 0;
  return (
    <WorkBar slug={project.slug} back={t("back")} title={t("title")} hidesTitle={Boolean(looks.current)}>
      {looks.current ? (
        <p className={classes.left} role="status">
          {t("place", { place: looks.place + 1, left: looks.rows.length })}
          {looks.list.hasNextPage ? "+" : ""}
        </p>
      ) : null}
      {left > 0 ? (
        <Filters project={project} summary={summary} filters={filters} onFilters={onFilters} />
      ) : null}
      <HeldDecision undoLabel={t("undo")} onUndo={looks.undo}>
        {looks.held ? t(`done.${looks.held.settlement.outcome}`) : null}
      </HeldDecision>
      <div className={classes.end} data-follows={looks.held ? true : undefined}>
        {/* The same place: a bar of two lines would shift the photo. */}
        {looks.held ? null : <Effect summary={summary} onOpen={() => onOpen("rounds")} />}
        <ActionIcon
          size={44}
          variant="subtle"
          color="gray"
          className={classes.keys}
          aria-label={t("keys.title")}
          title={t("keys.title")}
          onClick={() => onOpen("keys")}
        >
          ?
        </ActionIcon>
      </div>
    </WorkBar>
  );
}

type FiltersProps = Pick<LookBarProps, "project" | "summary" | "filters" | "onFilters">;

function Filters({ project, summary, filters, onFilters }: FiltersProps) {
  const { t, i18n } = useTranslation("secondLook");
  const { stages } = project.scale;
  const named = (summary?.stages ?? []).flatMap(({ stage_position: position, n }) => {
    const stage = stageAt(stages, position);
    return stage ? [{ value: String(position), label: `${stageName(stage, i18n.language)} (${n})` }] : [];
  });
  const reasons = (summary?.reasons ?? []).map(({ reason, n }) => ({
    value: reason,
    label: `${t(`reason.${reason}`)} (${n})`,
  }));
  return (
    <div className={classes.filters}>
      <NativeSelect
        aria-label={t("filter.reason")}
        value={filters.reason ?? ""}
        data={[{ value: "", label: t("filter.anyReason") }, ...reasons]}
        onChange={({ currentTarget: { value } }) =>
          onFilters({ ...filters, reason: (value || undefined) as SecondLookReason | undefined })
        }
      />
      <NativeSelect
        aria-label={t("filter.stage")}
        value={filters.stage === undefined ? "" : String(filters.stage)}
        data={[{ value: "", label: t("filter.anyStage") }, ...named]}
        onChange={({ currentTarget: { value } }) =>
          onFilters({ ...filters, stage: value ? Number(value) : undefined })
        }
      />
    </div>
  );
}

/** What the latest round that somebody worked on has brought. */
function Effect({ summary, onOpen }: { summary: SecondLookSummary | undefined; onOpen: () => void }) {
  const { t } = useTranslation("secondLook");
  const round = summary?.rounds.find((it) => effectOf(it).judged + effectOf(it).waiting > 0);
  if (!round) return null;
  const { judged, wrong, waiting } = effectOf(round);
  return (
    <Button size="compact-sm" variant="subtle" className={classes.effect} onClick={onOpen}>
      {judged > 0 ? t("effect.known", { wrong, count: judged }) : t("effect.waiting", { count: waiting })}
    </Button>
  );
}
