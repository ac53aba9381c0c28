import { createFileRoute } from "@tanstack/react-router";
import { PeoplePage } from "@/features/people/PeoplePage";

export const Route = createFileRoute("/_app/p/$slug/people")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <PeoplePage slug={slug} />;
  },
});
