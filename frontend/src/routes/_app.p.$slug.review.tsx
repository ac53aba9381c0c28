import { createFileRoute } from "@tanstack/react-router";
import { practiseFirst } from "@/api/practice";
import { ReviewPage } from "@/features/review/ReviewPage";

export const Route = createFileRoute("/_app/p/$slug/review")({
  staticData: { bleed: true },
  loader: ({ context, params }) => practiseFirst(context.queryClient, params.slug),
  component: function Page() {
    const { slug } = Route.useParams();
    return <ReviewPage slug={slug} />;
  },
});
