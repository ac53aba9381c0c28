import { createFileRoute } from "@tanstack/react-router";
import { DashboardPage } from "@/features/dashboard/DashboardPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/dashboard")({
  validateSearch: (search: Record<string, unknown>): { flagged?: true } =>
    search.flagged === true ? { flagged: true } : {},
  loader: () => loadTexts("dashboard"),
  component: function Page() {
    const { slug } = Route.useParams();
    const { flagged } = Route.useSearch();
    const navigate = Route.useNavigate();
    return (
      <DashboardPage
        slug={slug}
        flagged={flagged === true}
        onFlagged={(only) =>
          void navigate({ search: only ? { flagged: true } : {}, replace: true, resetScroll: false })
        }
      />
    );
  },
});
