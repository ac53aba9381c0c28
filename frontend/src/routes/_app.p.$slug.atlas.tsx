import { createFileRoute } from "@tanstack/react-router";
import { AtlasPage } from "@/features/atlas/AtlasPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/atlas")({
  loader: () => loadTexts("atlas"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <AtlasPage slug={slug} />;
  },
});
