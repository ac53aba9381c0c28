import { createFileRoute } from "@tanstack/react-router";
import { ReviewPage } from "@/features/review/ReviewPage";

export const Route = createFileRoute("/_app/p/$slug/review")({
  staticData: { bleed: true },
  component: function Page() {
    const { slug } = Route.useParams();
    return <ReviewPage slug={slug} />;
  },
});
