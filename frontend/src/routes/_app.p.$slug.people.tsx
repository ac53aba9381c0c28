import { PeoplePage } from "@/features/people/PeoplePage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/people")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <PeoplePage slug={slug} />;
  },
});
