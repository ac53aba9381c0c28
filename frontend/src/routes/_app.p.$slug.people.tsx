import { createFileRoute } from "@tanstack/react-router";
import { PeoplePage } from "@/features/people/PeoplePage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/people")({
  loader: () => loadTexts("practice"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <PeoplePage slug={slug} />;
  },
});
