import { createFileRoute } from "@tanstack/react-router";
import { ExportPage } from "@/features/exports/ExportPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/export")({
  loader: () => loadTexts("exports"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <ExportPage slug={slug} />;
  },
});
