import { createFileRoute } from "@tanstack/react-router";
import { TrainingPage } from "@/features/training/TrainingPage";

export const Route = createFileRoute("/_app/p/$slug/training/")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <TrainingPage slug={slug} />;
  },
});
