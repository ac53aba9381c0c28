import { createFileRoute } from "@tanstack/react-router";
import { WebhooksPage } from "@/features/webhooks/WebhooksPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/webhooks")({
  loader: () => loadTexts("webhooks"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <WebhooksPage slug={slug} />;
  },
});
