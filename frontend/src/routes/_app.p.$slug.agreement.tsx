import { createFileRoute } from "@tanstack/react-router";
import { AgreementPage } from "@/features/agreement/AgreementPage";
import { loadTexts } from "@/i18n";

export const Route = createFileRoute("/_app/p/$slug/agreement")({
  loader: () => loadTexts("retest"),
  component: function Page() {
    const { slug } = Route.useParams();
    return <AgreementPage slug={slug} />;
  },
});
