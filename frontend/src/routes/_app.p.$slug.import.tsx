import { ImportPage } from "@/features/imports/ImportPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/p/$slug/import")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <ImportPage slug={slug} />;
  },
});
