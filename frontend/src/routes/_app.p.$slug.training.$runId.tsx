import { RunPage } from "@/features/training/RunPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/training/$runId")({
  component: function Page() {
    const { slug, runId } = Route.useParams();
    return <RunPage slug={slug} runId={Number(runId)} />;
  },
});
