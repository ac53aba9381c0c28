import { createFileRoute } from "@tanstack/react-router";
import { ClassesPage } from "@/features/classes/ClassesPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/classes")({
  loader: () => loadTexts("classes"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <ClassesPage slug={slug} />;
  },
});
