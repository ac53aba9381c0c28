import { createFileRoute } from "@tanstack/react-router";
import { OverviewPage } from "@/features/overview/OverviewPage";

export const Route = createFileRoute("/_app/p/$slug/")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <OverviewPage slug={slug} />;
  },
});
