import { SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { ArchiveForm } from "./ArchiveForm";
import { FilesForm } from "./FilesForm";
import { ImportRow } from "./ImportRow";

export function ImportPage({ slug }: { slug: string }) {
  const { t } = useTranslation("imports");
  const [way, setWay] = useState<"archive" | "files">("archive");
  const imports = useQuery(queries.imports(slug));
  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      <Stack gap="lg">
        <Card>
          <SegmentedControl
            mb="md"
            aria-label={t("way.label")}
            value={way}
            onChange={(value) => setWay(value === "files" ? "files" : "archive")}
            data={[
              { value: "archive", label: t("way.archive") },
              { value: "files", label: t("way.files") },
            ]}
          />
          {way === "archive" ? <ArchiveForm slug={slug} /> : <FilesForm slug={slug} />}
        </Card>
        <Card title={t("list.title")} flush>
          {imports.isPending ? <Skeleton height={120} m="md" /> : null}
          {imports.error ? <Problem error={imports.error} onRetry={() => void imports.refetch()} /> : null}
          {imports.data?.length === 0 ? (
            <EmptyState icon="import" title={t("list.empty")}>
              {t("list.emptyHint")}
            </EmptyState>
          ) : null}
          {imports.data?.map((item) => (
            <ImportRow key={item.id} slug={slug} item={item} />
          ))}
        </Card>
      </Stack>
    </>
  );
}
