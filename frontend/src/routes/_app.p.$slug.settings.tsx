import { SettingsPage } from "@/features/settings/SettingsPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/settings")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <SettingsPage slug={slug} />;
  },
});
