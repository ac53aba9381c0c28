import { Button } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import type { Project, Stage } from "@/api/types";
import { atLeast } from "@/lib/roles";
import { bbchRange, stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { Icon } from "@/ui/Icon";
import { LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StageChip, StageDot } from "@/ui/StageChip";
import classes from "./AtlasPage.module.css";
import { Description } from "./Description";
import { Examples } from "./Examples";
import { boundaries } from "./references";

/** What each stage looks like, and where it meets the next: read by experts, kept by adjudicators, printed for the field. */
export function AtlasPage({ slug }: { slug: string }) {
  const { t } = useTranslation("atlas");
  const project = useProject(slug);
  const mayEdit = atLeast(project.role, "adjudicator");
  const { stages, is_ordered: isOrdered } = project.scale;
  const between = boundaries(stages, isOrdered);
  return (
    <div className={classes.atlas}>
      <PageHeader
        title={t("title")}
        hint={mayEdit ? t("hintEdit") : t("hint")}
        actions={
          <>
            {atLeast(project.role, "expert") ? (
              <LinkButton className={classes.edit} to="/p/$slug/practice" params={{ slug }}>
                {t("practise")}
              </LinkButton>
            ) : null}
            <Button
              className={classes.edit}
              variant="default"
              leftSection={<Icon name="export" size={16} />}
              onClick={() => window.print()}
            >
              {t("print")}
            </Button>
          </>
        }
      />
      <p className={classes.printed}>{project.name}</p>
      {stages.map((stage, index) => {
        const pair = between[index];
        return (
          <Fragment key={stage.id}>
            <StageSection project={project} stage={stage} mayEdit={mayEdit} />
            {pair ? <BoundarySection project={project} pair={pair} mayEdit={mayEdit} /> : null}
          </Fragment>
        );
      })}
    </div>
  );
}

interface StageSectionProps {
  project: Project;
  stage: Stage;
  mayEdit: boolean;
}

function StageSection({ project, stage, mayEdit }: StageSectionProps) {
  const { i18n } = useTranslation("atlas");
  const code = bbchRange(stage);
  const name = stageName(stage, i18n.language);
  return (
    <section className={classes.stage} aria-label={name}>
      <Card>
        <header className={classes.head}>
          <StageDot stage={stage} count={project.scale.stages.length} />
          <h2 className={classes.name}>{name}</h2>
          {code ? <span className={classes.code}>BBCH {code}</span> : null}
        </header>
        <Description slug={project.slug} stage={stage} mayEdit={mayEdit} />
        <Examples slug={project.slug} stage={stage} beside={null} mayEdit={mayEdit} label={name} />
      </Card>
    </section>
  );
}

interface BoundarySectionProps {
  project: Project;
  pair: [Stage, Stage];
  mayEdit: boolean;
}

/** The two sides of a boundary, side by side; nothing where there is nothing to read and nothing to edit. */
function BoundarySection({ project, pair, mayEdit }: BoundarySectionProps) {
  const { t, i18n } = useTranslation("atlas");
  const [before, after] = pair;
  const hasPhotos =
    before.references.some((photo) => photo.beside === after.id) ||
    after.references.some((photo) => photo.beside === before.id);
  if (!mayEdit && !hasPhotos) return null;
  const name = (stage: Stage) => stageName(stage, i18n.language);
  const title = t("boundary", { before: name(before), after: name(after) });
  const sides = [
    { stage: before, beside: after },
    { stage: after, beside: before },
  ];
  return (
    <section className={classes.boundary} aria-label={title} data-empty={!hasPhotos || undefined}>
      <h3 className={classes.between}>{title}</h3>
      <div className={classes.sides}>
        {sides.map(({ stage, beside }) => (
          <div key={stage.id} className={classes.side}>
            <p className={classes.still}>
              <StageChip stage={stage} count={project.scale.stages.length} small />
            </p>
            <Examples
              slug={project.slug}
              stage={stage}
              beside={beside.id}
              mayEdit={mayEdit}
              label={t("near", { stage: name(stage), beside: name(beside) })}
            />
          </div>
        ))}
      </div>
    </section>
  );
}
