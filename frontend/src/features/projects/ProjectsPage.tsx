import { Badge, SimpleGrid, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/project";
import { queries } from "@/api/queries";
import type { ProjectBrief } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import classes from "./ProjectsPage.module.css";

export function ProjectsPage() {
  const { t } = useTranslation("projects");
  const me = useMe();
  const projects = useQuery(queries.projects());
  const create = me?.is_staff ? (
    <LinkButton to="/projects/new" leftSection={<Icon name="plus" size={18} />}>
      {t("new")}
    </LinkButton>
  ) : null;
  return (
    <>
      <PageHeader title={t("title")} actions={projects.data?.length ? create : null} />
      {projects.error ? <Problem error={projects.error} onRetry={() => void projects.refetch()} /> : null}
      {projects.isPending ? (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {["a", "b", "c"].map((key) => (
            <Skeleton key={key} height={124} />
          ))}
        </SimpleGrid>
      ) : null}
      {projects.data?.length === 0 ? (
        <EmptyState icon="folder" title={me?.is_staff ? t("empty.admin") : t("empty.member")} action={create}>
          {me?.is_staff ? t("empty.adminHint") : t("empty.memberHint")}
        </EmptyState>
      ) : null}
      {projects.data?.length ? (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {projects.data.map((project) => (
            <ProjectTile key={project.slug} project={project} />
          ))}
        </SimpleGrid>
      ) : null}
    </>
  );
}

function ProjectTile({ project }: { project: ProjectBrief }) {
  const { t } = useTranslation();
  const body = (
    <>
      <span className={classes.head}>
        <span className={classes.name}>{project.name}</span>
        <Badge color="gray">{t(`role.${project.role}`)}</Badge>
      </span>
      <span className={classes.text}>{project.description}</span>
    </>
  );
  // Growers work on the light page, which is another document.
  if (project.role === "grower") {
    return (
      <a className={classes.tile} href={`/u/${project.slug}`}>
        {body}
      </a>
    );
  }
  return (
    <Link className={classes.tile} to="/p/$slug" params={{ slug: project.slug }}>
      {body}
    </Link>
  );
}
