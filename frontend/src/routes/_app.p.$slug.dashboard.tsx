import { createFileRoute } from "@tanstack/react-router";
import { DashboardPage } from "@/features/dashboard/DashboardPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/dashboard")({
  loader: () => loadTexts("dashboard"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <DashboardPage slug={slug} />;
  },
});
