import { createFileRoute } from "@tanstack/react-router";
import { ModelsPage } from "@/features/models/ModelsPage";

export const Route = createFileRoute("/_app/p/$slug/models/")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <ModelsPage slug={slug} />;
  },
});
