import { createFileRoute } from "@tanstack/react-router";
import { RunPage } from "@/features/training/RunPage";

export const Route = createFileRoute("/_app/p/$slug/training/$runId")({
  component: function Page() {
    const { slug, runId } = Route.useParams();
    return <RunPage slug={slug} runId={Number(runId)} />;
  },
});
