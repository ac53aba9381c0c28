import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Project, Stage } from "@/api/types";
import { examplesFor } from "@/lib/references";
import { stageDescription, stageName } from "@/lib/stages";
import { Icon } from "@/ui/Icon";
import { LinkButton } from "@/ui/links";
import { StageChip } from "@/ui/StageChip";
import { compared, type Said } from "./round";
import classes from "./Told.module.css";
import type { Practising } from "./usePractice";

const MOST = 3;

/** Before the answer what this is about; after it how it was, and the two stages side by side. */
export function Told({ project, practice }: { project: Project; practice: Practising }) {
  const { t } = useTranslation("practice");
  const { told } = practice;
  const words = useRef<HTMLDivElement>(null);
  const { stages } = project.scale;
  const known = stageAt(stages, told?.known);
  const before = practice.asked.data?.standing.state;
  useEffect(() => {
    // On a phone the panel lies below the photo: what is told must be seen without looking for it.
    if (told) words.current?.scrollIntoView({ block: "nearest" });
  }, [told]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <aside className={classes.panel} tabIndex={0} aria-label={t("title")}>
      <div ref={words} role="status" aria-live="polite">
        {told && known ? (
          <>
            <h2 className={classes.grade} data-grade={told.grade}>
              <Icon name={told.grade === "exact" ? "check" : "warning"} size={22} />
              {t(`grade.${told.grade}`)}
            </h2>
            <dl className={classes.answers}>
              <dt>{t("known")}</dt>
              <dd>
                <StageChip stage={known} count={stages.length} />
              </dd>
              {told.grade === "exact" ? null : (
                <>
                  <dt>{t("said")}</dt>
                  <dd>
                    <SaidChips said={told.said} stages={stages} />
                  </dd>
                </>
              )}
            </dl>
          </>
        ) : (
          <>
            <h2 className={classes.title}>{t("ask.title")}</h2>
            <p className={classes.body}>{t("ask.body")}</p>
          </>
        )}
      </div>
      {told?.standing.state === "counts" && before !== "counts" ? <Counts slug={project.slug} /> : null}
      {!told && !project.must_practise ? <Free project={project} practice={practice} /> : null}
      {told ? <SideBySide project={project} positions={compared(told.said, told.known)} /> : null}
    </aside>
  );
}

function SaidChips({ said, stages }: { said: Said; stages: readonly Stage[] }) {
  const { t } = useTranslation("practice");
  if (said.kind === "cannot_tell") return t("cannotTell");
  const positions = said.kind === "stage" ? [said.stage] : [said.stage, said.stage_upper];
  return positions.flatMap((position, place) => {
    const stage = stageAt(stages, position);
    if (!stage) return [];
    const chip = <StageChip key={position} stage={stage} count={stages.length} />;
    return place === 0 ? [chip] : [<span key="and">{t("and")}</span>, chip];
  });
}

/** The stages that were taken for each other: examples of where they meet first, and how to know them in words. */
function SideBySide({ project, positions }: { project: Project; positions: readonly number[] }) {
  const { t, i18n } = useTranslation("practice");
  const shown = positions.flatMap((position) => stageAt(project.scale.stages, position) ?? []);
  return (
    <section aria-label={t("references")}>
      <h3 className={classes.subtitle}>{t("references")}</h3>
      <div className={classes.sides}>
        {shown.map((stage) => {
          const beside = shown.find((it) => it.id !== stage.id)?.id ?? null;
          const name = stageName(stage, i18n.language);
          const examples = examplesFor(stage, beside).slice(0, MOST);
          const words = stageDescription(stage, i18n.language);
          return (
            <div key={stage.id} className={classes.side}>
              <StageChip stage={stage} count={project.scale.stages.length} small />
              {words ? <p className={classes.words}>{words}</p> : null}
              {examples.map((photo) => (
                <img key={photo.photo_id} src={photo.view_url} alt={name} loading="lazy" />
              ))}
              {examples.length === 0 ? <p className={classes.noPhoto}>{t("noReference")}</p> : null}
            </div>
          );
        })}
      </div>
    </section>
  );
}

function Counts({ slug }: { slug: string }) {
  const { t } = useTranslation("practice");
  return (
    <div className={classes.counts} role="status">
      <strong>{t("counts.title")}</strong>
      <p>{t("counts.body")}</p>
      <LinkButton to="/p/$slug/review" params={{ slug }}>
        {t("counts.review")}
      </LinkButton>
    </div>
  );
}

/** Who is not held back is told so, and why where too little is known. */
function Free({ project, practice }: { project: Project; practice: Practising }) {
  const { t } = useTranslation("practice");
  const standing = practice.asked.data?.standing;
  if (!standing) return null;
  const { n_known: n, n_wanted: wanted } = standing;
  return (
    <div className={classes.free}>
      <p>{n < wanted ? t("none.few", { n, wanted }) : t("free")}</p>
      <LinkButton variant="default" to="/p/$slug/review" params={{ slug: project.slug }}>
        {t("none.review")}
      </LinkButton>
    </div>
  );
}
