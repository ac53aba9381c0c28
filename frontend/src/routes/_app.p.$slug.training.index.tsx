import { TrainingPage } from "@/features/training/TrainingPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/training/")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <TrainingPage slug={slug} />;
  },
});
