import { createFileRoute } from "@tanstack/react-router";
import { ImportPage } from "@/features/imports/ImportPage";

export const Route = createFileRoute("/_app/p/$slug/import")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <ImportPage slug={slug} />;
  },
});
