import { createFileRoute } from "@tanstack/react-router";
import { ReportPage } from "@/features/models/report/ReportPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/models/$id_/report")({
  loader: () => loadTexts("report"),
  component: function Page() {
    const { slug, id } = Route.useParams();
    return <ReportPage slug={slug} id={id} />;
  },
});
