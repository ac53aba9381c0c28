import { ModelPage } from "@/features/models/ModelPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/models/$id")({
  component: function Page() {
    const { slug, id } = Route.useParams();
    return <ModelPage slug={slug} id={id} />;
  },
});
