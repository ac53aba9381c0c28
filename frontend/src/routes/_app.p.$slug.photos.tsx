import { createFileRoute } from "@tanstack/react-router";
import type { PhotoFilters } from "@/api/queries";
import { PhotosPage } from "@/features/photos/PhotosPage";

export interface PhotoSearch extends PhotoFilters {
  /** The photo whose drawer is open. */
  photo?: number;
}

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

function word(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

function day(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined;
}

export const Route = createFileRoute("/_app/p/$slug/photos")({
  validateSearch: (search: Record<string, unknown>): PhotoSearch => ({
    status: word(search.status),
    stage: word(search.stage),
    suggested: whole(search.suggested),
    site: whole(search.site),
    import_batch: whole(search.import_batch),
    no_site: search.no_site === true || undefined,
    no_date: search.no_date === true || undefined,
    taken_from: day(search.taken_from),
    taken_to: day(search.taken_to),
    is_waiting: search.is_waiting === true || undefined,
    photo: whole(search.photo),
  }),
  component: function Page() {
    const { slug } = Route.useParams();
    const { photo, ...filters } = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <PhotosPage
        slug={slug}
        filters={filters}
        photoId={photo ?? null}
        onFilters={(next) => void navigate({ search: next, replace: true })}
        onPhoto={(id) =>
          void navigate({ search: (before) => ({ ...before, photo: id ?? undefined }), resetScroll: false })
        }
      />
    );
  },
});
