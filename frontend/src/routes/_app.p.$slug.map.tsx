import { createFileRoute } from "@tanstack/react-router";
import { COLUMNS, isColumn } from "@/features/map/columns";
import type { MapSearch } from "@/features/map/filters";
import { MapPage } from "@/features/map/MapPage";
import { loadTexts } from "@/i18n";

function word(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= 120 ? text : undefined;
}

export const Route = createFileRoute("/_app/p/$slug/map")({
  staticData: { bleed: true },
  validateSearch: (search: Record<string, unknown>): MapSearch => ({
    ...Object.fromEntries(
      COLUMNS.flatMap((name) => (word(search[name]) ? [[name, word(search[name])]] : [])),
    ),
    color: isColumn(search.color) ? search.color : undefined,
    view: word(search.view),
  }),
  loader: () => loadTexts("map"),
  component: function Page() {
    const { slug } = Route.useParams();
    const search = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <MapPage
        slug={slug}
        search={search}
        onSearch={(change) =>
          void navigate({
            search: (before) => ({ ...before, ...change }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    );
  },
});
