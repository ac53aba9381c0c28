import { createFileRoute } from "@tanstack/react-router";
import type { SecondLookFilters } from "@/api/queries";
import type { SecondLookReason } from "@/api/types";
import { SecondLookPage } from "@/features/second-look/SecondLookPage";
import { loadTexts } from "@/i18n";

const REASONS: Record<SecondLookReason, true> = {
  model: true,
  duplicates: true,
  timeline: true,
  season: true,
  votes: true,
};

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

function reasonOf(value: unknown): SecondLookReason | undefined {
  return typeof value === "string" && Object.hasOwn(REASONS, value) ? (value as SecondLookReason) : undefined;
}

export const Route = createFileRoute("/_app/p/$slug/second-look")({
  staticData: { bleed: true },
  validateSearch: (search: Record<string, unknown>): SecondLookFilters => ({
    reason: reasonOf(search.reason),
    stage: whole(search.stage),
  }),
  loader: () => loadTexts("secondLook"),
  component: function Page() {
    const { slug } = Route.useParams();
    const filters = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <SecondLookPage
        slug={slug}
        filters={filters}
        onFilters={(next) => void navigate({ search: next, replace: true })}
      />
    );
  },
});
