import { OverviewPage } from "@/features/overview/OverviewPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <OverviewPage slug={slug} />;
  },
});
