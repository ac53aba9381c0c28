import { createFileRoute } from "@tanstack/react-router";
import { RetestPage } from "@/features/practice/RetestPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/retest")({
  staticData: { bleed: true },
  loader: () => Promise.all([loadTexts("practice"), loadTexts("retest")]),
  component: function Page() {
    const { slug } = Route.useParams();
    return <RetestPage slug={slug} />;
  },
});
