import { Anchor, Button, Center, NativeSelect, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useProject } from "@/api/project";
import { type PhotoFilters, queries } from "@/api/queries";
import type { PhotoRow } from "@/api/types";
import { formatDate } from "@/lib/format";
import { stageName } from "@/lib/stages";
import { EmptyState } from "@/ui/EmptyState";
import { LinkButton } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { PhotoDrawer } from "./PhotoDrawer";
import classes from "./PhotosPage.module.css";
import { PhotoTile } from "./PhotoTile";

export interface PhotosPageProps {
  slug: string;
  filters: PhotoFilters;
  photoId: number | null;
  onFilters: (filters: PhotoFilters) => void;
  onPhoto: (id: number | null) => void;
}

const SKELETONS = Array.from({ length: 15 }, (_, index) => index);

export function PhotosPage({ slug, filters, photoId, onFilters, onPhoto }: PhotosPageProps) {
  const { t } = useTranslation("photos");
  const { t: tCommon } = useTranslation();
  const photos = useInfiniteQuery(queries.photos(slug, filters));
  const rows = photos.data?.pages.flatMap((page) => page.results) ?? [];
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <>
      <PageHeader title={t("title")} />
      <Filters slug={slug} filters={filters} onFilters={onFilters} />
      {photos.error ? <Problem error={photos.error} onRetry={() => void photos.refetch()} /> : null}
      {photos.isPending ? (
        <div className={classes.grid}>
          {SKELETONS.map((key) => (
            <Skeleton key={key} className={classes.skeleton} />
          ))}
        </div>
      ) : null}
      {photos.isSuccess && rows.length === 0 ? (
        <NoPhotos slug={slug} isFiltered={isFiltered} onClear={() => onFilters({})} />
      ) : null}
      <Tiles slug={slug} rows={rows} onPhoto={onPhoto} />
      {photos.hasNextPage ? (
        <Center mt="lg">
          <Button
            variant="default"
            loading={photos.isFetchingNextPage}
            onClick={() => void photos.fetchNextPage()}
          >
            {tCommon("loadMore")}
          </Button>
        </Center>
      ) : null}
      <PhotoDrawer slug={slug} photoId={photoId} onClose={() => onPhoto(null)} />
    </>
  );
}

interface TilesProps {
  slug: string;
  rows: readonly PhotoRow[];
  onPhoto: (id: number) => void;
}

function Tiles({ slug, rows, onPhoto }: TilesProps) {
  const { scale } = useProject(slug);
  return (
    <ul className={classes.grid}>
      {rows.map((row) => (
        <li key={row.id}>
          <PhotoTile photo={row} stages={scale.stages} onOpen={() => onPhoto(row.id)} />
        </li>
      ))}
    </ul>
  );
}

interface NoPhotosProps {
  slug: string;
  isFiltered: boolean;
  onClear: () => void;
}

function NoPhotos({ slug, isFiltered, onClear }: NoPhotosProps) {
  const { t } = useTranslation("photos");
  const { role } = useProject(slug);
  if (isFiltered) {
    return (
      <EmptyState
        icon="search"
        title={t("noneMatch")}
        action={
          <Button variant="default" onClick={onClear}>
            {t("clear")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon="photos"
      title={t("empty")}
      action={
        role === "admin" ? (
          <LinkButton to="/p/$slug/import" params={{ slug }}>
            {t("import")}
          </LinkButton>
        ) : null
      }
    >
      {t("emptyHint")}
    </EmptyState>
  );
}

interface FiltersProps {
  slug: string;
  filters: PhotoFilters;
  onFilters: (filters: PhotoFilters) => void;
}

function Filters({ slug, filters, onFilters }: FiltersProps) {
  const { t, i18n } = useTranslation("photos");
  const { scale } = useProject(slug);
  const sites = useQuery(queries.sites(slug));
  const all = { value: "", label: t("filter.any") };
  const number = (text: string) => (text === "" ? undefined : Number(text));
  return (
    <search className={classes.filters}>
      <NativeSelect
        label={t("filter.status")}
        value={filters.status ?? ""}
        data={[
          all,
          { value: "ready", label: t("status.ready") },
          { value: "received", label: t("status.received") },
          { value: "rejected", label: t("status.rejected") },
        ]}
        onChange={(event) => onFilters({ ...filters, status: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        label={t("filter.stage")}
        value={filters.stage ?? ""}
        data={[
          all,
          ...scale.stages.map((stage) => ({ value: stage.slug, label: stageName(stage, i18n.language) })),
        ]}
        onChange={(event) => onFilters({ ...filters, stage: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        label={t("filter.suggested")}
        value={filters.suggested === undefined ? "" : String(filters.suggested)}
        data={[
          all,
          ...scale.stages.map((stage) => ({
            value: String(stage.position),
            label: stageName(stage, i18n.language),
          })),
        ]}
        onChange={(event) => onFilters({ ...filters, suggested: number(event.currentTarget.value) })}
      />
      <NativeSelect
        label={t("filter.site")}
        value={filters.site === undefined ? "" : String(filters.site)}
        data={[all, ...(sites.data ?? []).map((site) => ({ value: String(site.id), label: site.name }))]}
        onChange={(event) => onFilters({ ...filters, site: number(event.currentTarget.value) })}
      />
      {filters.import_batch === undefined ? null : (
        <Chip onClear={() => onFilters({ ...filters, import_batch: undefined })}>
          {t("filter.batch", { id: filters.import_batch })}
        </Chip>
      )}
      {filters.is_waiting ? (
        <Chip onClear={() => onFilters({ ...filters, is_waiting: undefined })}>{t("undecided")} ✕</Chip>
      ) : null}
      {filters.no_site ? (
        <Chip onClear={() => onFilters({ ...filters, no_site: undefined })}>{t("filter.noSite")}</Chip>
      ) : null}
      {filters.no_date ? (
        <Chip onClear={() => onFilters({ ...filters, no_date: undefined })}>{t("filter.noDate")}</Chip>
      ) : null}
      {filters.taken_from || filters.taken_to ? (
        <Chip onClear={() => onFilters({ ...filters, taken_from: undefined, taken_to: undefined })}>
          {formatDate(noonOf(filters.taken_from), i18n.language)} –{" "}
          {formatDate(noonOf(filters.taken_to), i18n.language)} ✕
        </Chip>
      ) : null}
    </search>
  );
}

/** A filter that came with the address, and can only be taken away. */
function Chip({ children, onClear }: { children: ReactNode; onClear: () => void }) {
  return (
    <Anchor component="button" type="button" size="sm" className={classes.batch} onClick={onClear}>
      {children}
    </Anchor>
  );
}

/** The middle of a day by the reader's clock, so that its name is the same everywhere. */
function noonOf(day: string | undefined): string | undefined {
  return day && `${day}T12:00:00`;
}
