import { createFileRoute } from "@tanstack/react-router";
import { ModelPage } from "@/features/models/ModelPage";

export const Route = createFileRoute("/_app/p/$slug/models/$id")({
  component: function Page() {
    const { slug, id } = Route.useParams();
    return <ModelPage slug={slug} id={id} />;
  },
});
