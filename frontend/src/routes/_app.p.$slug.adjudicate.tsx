import { AdjudicatePage } from "@/features/adjudicate/AdjudicatePage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/adjudicate")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <AdjudicatePage slug={slug} />;
  },
});
