import { createFileRoute } from "@tanstack/react-router";
import { PracticePage } from "@/features/practice/PracticePage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/practice")({
  staticData: { bleed: true },
  loader: () => loadTexts("practice"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <PracticePage slug={slug} />;
  },
});
