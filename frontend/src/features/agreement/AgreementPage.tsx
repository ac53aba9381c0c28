import { PageHeader } from "@/ui/PageHeader";

export function AgreementPage({ slug }: { slug: string }) {
  return <PageHeader title={slug} />;
}
