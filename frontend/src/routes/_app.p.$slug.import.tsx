import { createFileRoute } from "@tanstack/react-router";
import { ImportPage } from "@/features/imports/ImportPage";
import { loadTexts } from "@/i18n";

export interface ImportSearch {
  /** The import that is looked at. */
  import?: number;
}

export const Route = createFileRoute("/_app/p/$slug/import")({
  validateSearch: (search: Record<string, unknown>): ImportSearch => {
    const id = Number(search.import);
    return Number.isInteger(id) && id > 0 ? { import: id } : {};
  },
  loader: () => loadTexts("imports"),
  component: function Page() {
    const { slug } = Route.useParams();
    const { import: importId } = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <ImportPage
        slug={slug}
        importId={importId ?? null}
        onImport={(id) => void navigate({ search: id === null ? {} : { import: id } })}
      />
    );
  },
});
