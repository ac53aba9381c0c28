import { Badge, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { ClassEffect, Classes, ClassProposal, ClassSide, Project, Stage } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { StageChip } from "@/ui/StageChip";
import classes from "./ClassesPage.module.css";
import { DraftForm } from "./DraftForm";
import { stagesOf } from "./draft";
import { useFigures } from "./figures";

const COLORS = { merge: "clay", split: "brand", guideline: "amber", more_data: "gray" } as const;

interface ProposalCardProps {
  project: Project;
  report: Classes;
  proposal: ClassProposal;
  /** One draft at a time. */
  hasDraft: boolean;
}

/** What to do about one or two classes, why, and how both sides look. */
export function ProposalCard({ project, report, proposal, hasDraft }: ProposalCardProps) {
  const { t, i18n } = useTranslation("classes");
  const [isDrafting, setDrafting] = useState(false);
  const { stages } = project.scale;
  const concerned = proposal.stages.flatMap((position) => stageAt(stages, position) ?? []);
  const names = concerned.map((stage) => stageName(stage, i18n.language));
  const drafted = stagesOf(stages, proposal);
  const mayDraft = drafted !== null && atLeast(project.role, "admin") && !hasDraft;
  const title = t(`kind.${proposal.kind}.title`, {
    first: names[0],
    second: names[1],
    count: proposal.sides.length,
  });
  return (
    <Card
      title={title}
      actions={
        <Badge color={COLORS[proposal.kind]} variant="light" miw="max-content">
          {t(`kind.${proposal.kind}.name`)}
        </Badge>
      }
    >
      <p className={classes.plain}>
        {t(`kind.${proposal.kind}.body`, { first: names[0], second: names[1] })}
      </p>
      <Evidence report={report} proposal={proposal} />
      <div className={classes.sides}>
        {proposal.sides.map((side, place) => (
          <Side
            // biome-ignore lint/suspicious/noArrayIndexKey: sides have no other name
            key={place}
            side={side}
            stage={concerned[place] ?? null}
            label={proposal.kind === "split" ? t("part", { n: place + 1 }) : ""}
            count={stages.length}
          />
        ))}
      </div>
      {proposal.effect ? <Effect effect={proposal.effect} kind={proposal.kind} /> : null}
      {mayDraft && !isDrafting ? (
        <Button mt="md" variant="default" onClick={() => setDrafting(true)}>
          {t("draft.make")}
        </Button>
      ) : null}
      {drafted && hasDraft && atLeast(project.role, "admin") ? (
        <p className={classes.quiet}>{t("draft.another")}</p>
      ) : null}
      {drafted && isDrafting && !hasDraft ? (
        <DraftForm
          slug={project.slug}
          stages={drafted}
          kind={proposal.kind}
          onClose={() => setDrafting(false)}
        />
      ) : null}
    </Card>
  );
}

/** The figures behind it, as a line each. */
function Evidence({ report, proposal }: Pick<ProposalCardProps, "report" | "proposal">) {
  const { t, i18n } = useTranslation("classes");
  const { written } = useFigures();
  const [first, second] = proposal.stages;
  const pair = report.pairs.find((it) => it.first === first && it.second === second);
  const split = report.stages.find((it) => it.stage === first)?.split;
  const lines: string[] = [];
  if (proposal.kind === "split" && split) {
    lines.push(
      t("evidence.parts", { shares: split.shares.map((it) => formatPercent(it, i18n.language)).join(" / ") }),
    );
    lines.push(t("evidence.bridge", { bridge: formatPercent(split.bridge, i18n.language) }));
    if (split.stability) lines.push(t("evidence.stability", { value: written(split.stability) }));
  } else if (pair) {
    if (pair.agreement)
      lines.push(t("evidence.agreement", { value: written(pair.agreement, true), count: pair.agreement.n }));
    else lines.push(t("evidence.noAgreement"));
    if (pair.auc)
      lines.push(
        t("evidence.auc", {
          value: written(pair.auc),
          attainable: formatNumber(pair.attainable, i18n.language, 2),
        }),
      );
    else lines.push(t("evidence.few", { first: pair.n[0], second: pair.n[1] }));
    if (pair.confusion !== null)
      lines.push(t("evidence.confusion", { share: formatPercent(pair.confusion, i18n.language) }));
  }
  return (
    <ul className={classes.evidence}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

interface SideProps {
  side: ClassSide;
  stage: Stage | null;
  label: string;
  count: number;
}

function Side({ side, stage, label, count }: SideProps) {
  const { t } = useTranslation("classes");
  return (
    <figure className={classes.side}>
      <figcaption>
        {label ? <b>{label}</b> : stage ? <StageChip stage={stage} count={count} /> : null}
      </figcaption>
      <div className={classes.photos}>
        {side.photos.map((photo) => (
          <a key={photo.photo_id} href={photo.view_url} target="_blank" rel="noreferrer">
            <img src={photo.thumb_url} alt={t("photo", { id: photo.photo_id })} loading="lazy" />
          </a>
        ))}
        {side.photos.length === 0 ? <span className={classes.quiet}>{t("noPhotos")}</span> : null}
      </div>
    </figure>
  );
}

/** What it would do to the figures: by the present model's predictions, mapped. */
function Effect({ effect, kind }: { effect: ClassEffect; kind: ClassProposal["kind"] }) {
  const { t, i18n } = useTranslation("classes");
  const percent = (value: number) => formatPercent(value, i18n.language, 1);
  const bits = (value: number) => formatNumber(value, i18n.language, 2);
  return (
    <p className={classes.effect}>
      {kind === "split"
        ? t("effect.split", {
            before: bits(effect.possible_bits_before),
            after: bits(effect.possible_bits_after),
          })
        : t("effect.merge", {
            before: percent(effect.accuracy_before),
            after: percent(effect.accuracy_after),
            bitsBefore: bits(effect.bits_before),
            bitsAfter: bits(effect.bits_after),
          })}
    </p>
  );
}
