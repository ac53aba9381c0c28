import { Button, Progress, Skeleton, useComputedColorScheme } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { MapStatus, Project } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { describeError, Problem } from "@/ui/Problem";
import { WorkersBanner } from "@/ui/WorkersBanner";
import type { MapSearch } from "./filters";
import { MapBar } from "./MapBar";
import classes from "./MapPage.module.css";
import { Plot } from "./Plot";
import { Selection } from "./Selection";
import { useLots } from "./useLots";
import { useScene } from "./useScene";
import type { MapView } from "./view";

export interface MapPageProps {
  slug: string;
  /** From the address. */
  search: MapSearch;
  onSearch: (change: MapSearch) => void;
}

/** Every photo of the project as a point, near those that look like it. */
export function MapPage(props: MapPageProps) {
  const { slug } = props;
  const { t } = useTranslation("map");
  const project = useProject(slug);
  const status = useQuery(queries.map(slug));
  const build = useBuild(slug, status.data);
  useEffect(() => {
    document.title = `${t("title")} · Antesis`;
  }, [t]);
  const { data } = status;
  if (data?.map) {
    return (
      <Shown {...props} project={project} status={data} shown={data.map} onBuild={() => build.mutate()} />
    );
  }
  return (
    <section className={classes.none} aria-label={t("title")}>
      <h1 className={classes.hidden}>{t("title")}</h1>
      {status.isPending ? <Skeleton className={classes.skeleton} /> : null}
      {status.error ? <Problem error={status.error} onRetry={() => void status.refetch()} /> : null}
      {data ? <NoMap slug={slug} status={data} error={build.error} onBuild={() => build.mutate()} /> : null}
    </section>
  );
}

/** Asks for a map; the first one by itself, since who opens the page wants to see it. */
function useBuild(slug: string, status: MapStatus | undefined) {
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  const build = useMutation({
    mutationFn: () => api.post<MapStatus>(`/projects/${slug}/map`),
    onSuccess: (answer) => client.setQueryData(queries.map(slug).queryKey, answer),
    onError: (error) => status?.map && notifyFailed(describeError(error, t)),
  });
  const { mutate, isIdle } = build;
  const isMissing = status !== undefined && !status.map && !status.build;
  useEffect(() => {
    if (isMissing && isIdle) mutate();
  }, [isMissing, isIdle, mutate]);
  return build;
}

interface NoMapProps {
  slug: string;
  status: MapStatus;
  error: unknown;
  onBuild: () => void;
}

function NoMap({ slug, status, error, onBuild }: NoMapProps) {
  const { t } = useTranslation("map");
  const { t: tErrors } = useTranslation("errors");
  const { build } = status;
  const learning = useQuery(queries.learning(slug));
  const scorers = learning.data?.workers.filter((worker) => worker.queue === "score") ?? [];
  if (build && build.state !== "failed") {
    return (
      <div className={classes.building}>
        <WorkersBanner workers={scorers} />
        <EmptyState icon="map" title={t("building.title")}>
          {t("building.body")}
          <Progress
            mt="md"
            value={build.progress * 100}
            aria-label={t("building.title")}
            animated={build.state === "running"}
          />
        </EmptyState>
      </div>
    );
  }
  if (build || error) {
    return (
      <EmptyState
        icon={build ? "warning" : "map"}
        title={build ? t("failed.title") : t("empty.title")}
        action={
          build ? (
            <Button onClick={onBuild}>{t("failed.again")}</Button>
          ) : (
            <LinkButton to="/p/$slug/photos" params={{ slug }}>
              {t("empty.action")}
            </LinkButton>
          )
        }
      >
        {build ? build.error : describeError(error, tErrors)}
      </EmptyState>
    );
  }
  return <Skeleton className={classes.skeleton} />;
}

interface ShownProps extends MapPageProps {
  project: Project;
  status: MapStatus;
  shown: NonNullable<MapStatus["map"]>;
  onBuild: () => void;
}

function Shown({ slug, search, onSearch, project, status, shown, onBuild }: ShownProps) {
  const { t } = useTranslation("map");
  const isDark = useComputedColorScheme("light") === "dark";
  const client = useQueryClient();
  const scene = useScene({
    slug,
    project,
    mapId: shown.id,
    nPoints: shown.n_points,
    columnNames: status.columns,
    search,
    isDark,
  });
  const lots = useLots(slug, () => {
    void scene.reload();
    void client.invalidateQueries({ queryKey: ["project", slug, "photos"] });
    void client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
  });
  const view = useRef<MapView | null>(null);
  return (
    <section className={classes.page} aria-label={t("title")}>
      <MapBar
        project={project}
        status={status}
        scene={scene}
        search={search}
        onSearch={onSearch}
        onBuild={onBuild}
      />
      <div className={classes.middle}>
        <Plot project={project} scene={scene} search={search} onSearch={onSearch} view={view} />
        <Selection
          project={project}
          scene={scene}
          search={search}
          onSearch={onSearch}
          lots={lots}
          view={view}
        />
      </div>
    </section>
  );
}
