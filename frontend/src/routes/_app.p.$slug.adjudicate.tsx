import { createFileRoute } from "@tanstack/react-router";
import { AdjudicatePage } from "@/features/adjudicate/AdjudicatePage";

export const Route = createFileRoute("/_app/p/$slug/adjudicate")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <AdjudicatePage slug={slug} />;
  },
});
