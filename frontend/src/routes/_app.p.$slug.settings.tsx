import { createFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/settings/SettingsPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/settings")({
  // Its button to the webhooks is called as their page is.
  loader: () => loadTexts("webhooks"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <SettingsPage slug={slug} />;
  },
});
