import { createFileRoute } from "@tanstack/react-router";
import { AgreementPage } from "@/features/agreement/AgreementPage";

export const Route = createFileRoute("/_app/p/$slug/agreement")({
  component: function Page() {
    const { slug } = Route.useParams();
    return <AgreementPage slug={slug} />;
  },
});
