import { createFileRoute } from "@tanstack/react-router";
import { WebhooksPage } from "@/features/webhooks/WebhooksPage";

export const Route = createFileRoute("/_app/p/$slug/webhooks")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <WebhooksPage slug={slug} />;
  },
});
