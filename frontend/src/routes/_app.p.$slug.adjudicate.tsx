import { createFileRoute } from "@tanstack/react-router";
import { AdjudicatePage } from "@/features/adjudicate/AdjudicatePage";

export const Route = createFileRoute("/_app/p/$slug/adjudicate")({
  staticData: { bleed: true },
  component: function Page() {
    const { slug } = Route.useParams();
    return <AdjudicatePage slug={slug} />;
  },
});
