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

export const Route = createFileRoute("/_app/p/$slug/photos")({
  validateSearch: (search: Record<string, unknown>): PhotoSearch => ({
    status: word(search.status),
    stage: word(search.stage),
    suggested: whole(search.suggested),
    site: whole(search.site),
    import_batch: whole(search.import_batch),
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
