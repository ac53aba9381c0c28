import { createFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/settings/SettingsPage";

export const Route = createFileRoute("/_app/p/$slug/settings")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <SettingsPage slug={slug} />;
  },
});
