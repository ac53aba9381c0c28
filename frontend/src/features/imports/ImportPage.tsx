import { Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { ImportRow } from "./ImportRow";
import { NewImport } from "./NewImport";
import { ShownImport } from "./ShownImport";

export interface ImportPageProps {
  slug: string;
  /** The import that is looked at; null while a new one is prepared. */
  importId: number | null;
  onImport: (id: number | null) => void;
}

export function ImportPage({ slug, importId, onImport }: ImportPageProps) {
  const { t } = useTranslation("imports");
  const imports = useQuery(queries.imports(slug));
  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      <Stack gap="lg">
        {importId === null ? (
          <NewImport slug={slug} onStarted={onImport} />
        ) : (
          <ShownImport key={importId} slug={slug} importId={importId} onImport={onImport} />
        )}
        <Card title={t("list.title")} flush>
          {imports.isPending ? <Skeleton height={120} m="md" /> : null}
          {imports.error ? <Problem error={imports.error} onRetry={() => void imports.refetch()} /> : null}
          {imports.data?.length === 0 ? (
            <EmptyState icon="import" title={t("list.empty")}>
              {t("list.emptyHint")}
            </EmptyState>
          ) : null}
          {imports.data?.map((item) => (
            <ImportRow key={item.id} slug={slug} item={item} isShown={item.id === importId} />
          ))}
        </Card>
      </Stack>
    </>
  );
}
