/** Reads, as query options: one key and one address per thing, shared by pages and loaders. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type {
  AccessLink,
  AdjudicationRow,
  Agreement,
  ApiToken,
  Candidate,
  Classes,
  Dashboard,
  DateEvidence,
  ExportDetail,
  ExportFormat,
  ExportRow,
  Forecast,
  Import,
  ImportDetail,
  ImportReportRow,
  LearningStatus,
  MapStatus,
  Member,
  ModelVersionBrief,
  ModelVersionDetail,
  Neighbours,
  Page,
  PhotoDetail,
  PhotoHistory,
  PhotoRow,
  PlantSeason,
  PlantStrip,
  PracticeAsked,
  PracticeOverview,
  Project,
  ProjectBrief,
  Recipe,
  RunState,
  ScaleMigration,
  ScaleTemplate,
  SecondLookReason,
  SecondLookRow,
  SecondLookSummary,
  Session,
  Site,
  TrainingRule,
  TrainingRun,
  TrainingRunDetail,
  Triage,
  Upload,
} from "./types";

const LIVE_MS = 2000;
const QUIET_MS = 15_000;
const AROUND_MS = 30_000;
const PREPARED_WITHIN_MS = 2 * 3600 * 1000;

export interface PhotoFilters {
  status?: string;
  stage?: string;
  suggested?: number;
  site?: number;
  import_batch?: number;
  no_site?: boolean;
  no_date?: boolean;
  /** Days, both within. */
  taken_from?: string;
  taken_to?: string;
  /** Ready, and not settled. */
  is_waiting?: boolean;
}

export interface SecondLookFilters {
  reason?: SecondLookReason;
  /** Position of the stage that the label names. */
  stage?: number;
}

/** Cursors come as the full address of the next page; only the cursor itself is ours. */
export function cursorOf(next: string | null): string | null {
  if (!next) return null;
  const search = next.includes("?") ? next.slice(next.indexOf("?")) : "";
  return new URLSearchParams(search).get("cursor") ?? (search ? null : next);
}

export function isActive(state: RunState): boolean {
  return state === "queued" || state === "running";
}

/** An import or an export that waits or is at work. */
export function isMoving(state: string): boolean {
  return state === "pending" || state === "running";
}

/** Whether workers still look at photos of a finished import; not for ever, since a photo may be taken back. */
export function isPreparing(item: Import, now = Date.now()): boolean {
  if (item.is_dry_run || isMoving(item.state) || item.processed >= item.received) return false;
  return item.finished_at !== null && now - new Date(item.finished_at).getTime() < PREPARED_WITHIN_MS;
}

export const queries = {
  session: () =>
    queryOptions({
      queryKey: ["session"],
      queryFn: () => api.get<Session>("/session"),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  accessLink: (token: string) =>
    queryOptions({
      queryKey: ["access-link", token],
      queryFn: () => api.get<AccessLink>(`/access-links/${encodeURIComponent(token)}`),
      retry: false,
    }),
  apiTokens: () =>
    queryOptions({ queryKey: ["api-tokens"], queryFn: () => api.get<ApiToken[]>("/api-tokens") }),
  projects: () =>
    queryOptions({ queryKey: ["projects"], queryFn: () => api.get<ProjectBrief[]>("/projects") }),
  templates: () =>
    queryOptions({
      queryKey: ["scale-templates"],
      queryFn: () => api.get<ScaleTemplate[]>("/scale-templates"),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  project: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug],
      queryFn: () => api.get<Project>(`/projects/${slug}`),
      staleTime: 5000,
    }),
  recipe: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "recipe"],
      queryFn: () => api.get<Recipe>(`/projects/${slug}/recipe`),
    }),
  trainingRule: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "training-rule"],
      queryFn: () => api.get<TrainingRule>(`/projects/${slug}/training-rule`),
    }),
  members: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "members"],
      queryFn: () => api.get<Member[]>(`/projects/${slug}/members`),
    }),
  practicePeople: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "practice-people"],
      queryFn: () => api.get<PracticeOverview>(`/projects/${slug}/practice/people`),
    }),
  /** The question stays until it is answered, so asking again is safe. */
  practice: (slug: string) =>
    queryOptions({
      queryKey: ["practice", slug],
      queryFn: () => api.post<PracticeAsked>(`/projects/${slug}/practice/question`),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  sites: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "sites"],
      queryFn: () => api.get<Site[]>(`/projects/${slug}/sites`),
      staleTime: 60_000,
    }),
  photos: (slug: string, filters: PhotoFilters) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "photos", filters],
      queryFn: ({ pageParam }) =>
        api.get<Page<PhotoRow>>(`/projects/${slug}/photos`, { ...filters, cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
    }),
  photo: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id],
      queryFn: () => api.get<PhotoDetail>(`/projects/${slug}/photos/${id}`),
    }),
  // What lies around a photo comes and goes with the photo on the bench: nobody is asked to sign in for it.
  plantOf: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "plant"],
      queryFn: ({ signal }) =>
        api.get<PlantStrip>(`/projects/${slug}/photos/${id}/plant`, {}, { signal, quiet: true }),
      staleTime: AROUND_MS,
    }),
  historyOf: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "history"],
      queryFn: ({ signal }) =>
        api.get<PhotoHistory>(`/projects/${slug}/photos/${id}/history`, {}, { signal, quiet: true }),
    }),
  candidates: (slug: string, stageId: number, beside: number | null) =>
    queryOptions({
      queryKey: ["project", slug, "candidates", stageId, beside],
      queryFn: () =>
        api.get<Candidate[]>(
          `/projects/${slug}/stages/${stageId}/candidates`,
          beside === null ? {} : { beside },
        ),
    }),
  neighboursOf: (slug: string, id: number, count: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "neighbours", count],
      queryFn: ({ signal }) =>
        api.get<Neighbours>(`/projects/${slug}/photos/${id}/neighbours`, { count }, { signal, quiet: true }),
      staleTime: AROUND_MS,
    }),
  dateEvidenceOf: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "date-evidence"],
      queryFn: ({ signal }) =>
        api.get<DateEvidence>(`/projects/${slug}/photos/${id}/date-evidence`, {}, { signal, quiet: true }),
      staleTime: AROUND_MS,
    }),
  imports: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "imports"],
      queryFn: () => api.get<Import[]>(`/projects/${slug}/imports`),
      refetchInterval: (query) =>
        query.state.data?.some((item) => isMoving(item.state)) ? LIVE_MS : QUIET_MS,
    }),
  import: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "imports", id],
      queryFn: () => api.get<ImportDetail>(`/projects/${slug}/imports/${id}`),
      refetchInterval: (query) => {
        const item = query.state.data;
        return item === undefined || isMoving(item.state) || isPreparing(item) ? LIVE_MS : false;
      },
    }),
  uploads: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "uploads"],
      queryFn: () => api.get<Upload[]>(`/projects/${slug}/uploads`),
    }),
  importReport: (slug: string, id: number) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "imports", id, "report"],
      queryFn: ({ pageParam }) =>
        api.get<Page<ImportReportRow>>(`/projects/${slug}/imports/${id}/report`, { cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
    }),
  exportFormats: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "export-formats"],
      queryFn: () => api.get<ExportFormat[]>(`/projects/${slug}/exports/formats`),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  exports: (slug: string) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "exports"],
      queryFn: ({ pageParam }) =>
        api.get<Page<ExportRow>>(`/projects/${slug}/exports`, { cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
      refetchInterval: (query) =>
        query.state.data?.pages.some((page) => page.results.some((row) => isMoving(row.state)))
          ? LIVE_MS
          : QUIET_MS,
    }),
  export: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "exports", id],
      queryFn: () => api.get<ExportDetail>(`/projects/${slug}/exports/${id}`),
    }),
  adjudications: (slug: string) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "adjudications"],
      queryFn: ({ pageParam }) =>
        api.get<Page<AdjudicationRow>>(`/projects/${slug}/adjudications`, { cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
    }),
  map: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "map"],
      queryFn: () => api.get<MapStatus>(`/projects/${slug}/map`),
      // A map in the making is looked after; else new photos are noticed now and then.
      refetchInterval: ({ state }) =>
        state.data?.build && isActive(state.data.build.state) ? LIVE_MS : AROUND_MS,
    }),
  secondLooks: (slug: string, filters: SecondLookFilters) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "second-looks", filters],
      queryFn: ({ pageParam }) =>
        api.get<Page<SecondLookRow>>(`/projects/${slug}/second-look`, { ...filters, cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
      // What was settled leaves the list by itself; a list that is read anew would move under the reader's hands.
      staleTime: AROUND_MS,
    }),
  secondLookSummary: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "second-look-summary"],
      queryFn: () => api.get<SecondLookSummary>(`/projects/${slug}/second-look/summary`),
      refetchInterval: (query) => (query.state.data?.is_training ? QUIET_MS : false),
    }),
  triage: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "triage"],
      queryFn: () => api.get<Triage>(`/projects/${slug}/triage`),
      staleTime: 5000,
    }),
  agreement: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "agreement"],
      queryFn: () => api.get<Agreement>(`/projects/${slug}/agreement`),
      refetchInterval: (query) => (query.state.data?.state === "computing" ? LIVE_MS : 2 * QUIET_MS),
    }),
  classes: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "classes"],
      queryFn: () => api.get<Classes>(`/projects/${slug}/classes`),
      refetchInterval: (query) =>
        ["waiting", "running"].includes(query.state.data?.state ?? "") ? LIVE_MS : 2 * QUIET_MS,
    }),
  dashboard: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "dashboard"],
      queryFn: () => api.get<Dashboard>(`/projects/${slug}/dashboard`),
      refetchInterval: (query) =>
        ["waiting", "running"].includes(query.state.data?.state ?? "") ? LIVE_MS : 2 * QUIET_MS,
    }),
  seasonPlants: (slug: string, season: number, flagged: boolean) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "dashboard", "plants", season, flagged],
      queryFn: ({ pageParam }) =>
        api.get<Page<PlantSeason>>(`/projects/${slug}/dashboard/plants`, {
          season,
          flagged,
          cursor: pageParam,
        }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
    }),
  scaleMigrations: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "scale-migrations"],
      queryFn: () => api.get<ScaleMigration[]>(`/projects/${slug}/scale-migrations`),
      refetchInterval: (query) => (query.state.data?.some((it) => it.pending) ? LIVE_MS : 2 * QUIET_MS),
    }),
  learning: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "learning"],
      queryFn: () => api.get<LearningStatus>(`/projects/${slug}/learning`),
      refetchInterval: (query) => (query.state.data?.active_run ? LIVE_MS : QUIET_MS),
    }),
  forecast: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "forecast"],
      queryFn: () => api.get<Forecast>(`/projects/${slug}/forecast`),
    }),
  runs: (slug: string) =>
    infiniteQueryOptions({
      queryKey: ["project", slug, "runs"],
      queryFn: ({ pageParam }) =>
        api.get<Page<TrainingRun>>(`/projects/${slug}/training-runs`, { cursor: pageParam }),
      initialPageParam: "",
      getNextPageParam: (last) => cursorOf(last.next),
      refetchInterval: (query) =>
        // A training may also start by rule while somebody looks.
        query.state.data?.pages.some((page) => page.results.some((run) => isActive(run.state)))
          ? LIVE_MS
          : QUIET_MS,
    }),
  run: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "run", id],
      queryFn: () => api.get<TrainingRunDetail>(`/projects/${slug}/training-runs/${id}`),
      refetchInterval: (query) =>
        query.state.data === undefined || isActive(query.state.data.state) ? LIVE_MS : false,
    }),
  models: (slug: string) =>
    queryOptions({
      queryKey: ["project", slug, "models"],
      queryFn: () => api.get<ModelVersionBrief[]>(`/projects/${slug}/model-versions`),
    }),
  model: (slug: string, id: string) =>
    queryOptions({
      queryKey: ["project", slug, "model", id],
      queryFn: () => api.get<ModelVersionDetail>(`/projects/${slug}/model-versions/${id}`),
    }),
};
