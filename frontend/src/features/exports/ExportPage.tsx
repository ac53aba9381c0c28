import { Button, Center, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isMoving, queries } from "@/api/queries";
import { Card } from "@/ui/Card";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { PageHeader } from "@/ui/PageHeader";
import { Problem } from "@/ui/Problem";
import { WorkersBanner } from "@/ui/WorkersBanner";
import { CardDrawer } from "./CardDrawer";
import classes from "./ExportPage.module.css";
import { ExportRow } from "./ExportRow";
import { NewExport } from "./NewExport";
import { historyUrl } from "./order";

export function ExportPage({ slug }: { slug: string }) {
  const { t } = useTranslation("exports");
  return (
    <>
      <PageHeader title={t("title")} hint={t("hint")} />
      <Stack gap="lg">
        <NewExport slug={slug} />
        <Exports slug={slug} />
        <Card title={t("history.title")} hint={t("history.hint")}>
          <div className={classes.buttons}>
            {(["csv", "jsonl"] as const).map((format) => (
              <Button
                key={format}
                component="a"
                href={historyUrl(slug, format)}
                download
                variant="default"
                leftSection={<Icon name="import" size={18} />}
              >
                {t("history.download", { format: t(`format.${format}.name`) })}
              </Button>
            ))}
          </div>
        </Card>
      </Stack>
    </>
  );
}

function Exports({ slug }: { slug: string }) {
  const { t } = useTranslation("exports");
  const { t: tCommon } = useTranslation();
  const [cardOf, setCardOf] = useState<number | null>(null);
  const exports = useInfiniteQuery(queries.exports(slug));
  const rows = exports.data?.pages.flatMap((page) => page.results) ?? [];
  const isWaiting = rows.some((row) => isMoving(row.state));
  const learning = useQuery({ ...queries.learning(slug), enabled: isWaiting });
  return (
    <>
      {isWaiting && learning.data ? (
        <WorkersBanner workers={learning.data.workers.filter((worker) => worker.queue === "default")} />
      ) : null}
      <Card title={t("list.title")} hint={t("list.hint")} flush>
        {exports.isPending ? <Skeleton height={120} m="md" /> : null}
        {exports.error ? <Problem error={exports.error} onRetry={() => void exports.refetch()} /> : null}
        {exports.isSuccess && rows.length === 0 ? (
          <EmptyState icon="export" title={t("list.empty")}>
            {t("list.emptyHint")}
          </EmptyState>
        ) : null}
        {rows.map((row) => (
          <ExportRow key={row.id} slug={slug} row={row} onCard={() => setCardOf(row.id)} />
        ))}
        {exports.hasNextPage ? (
          <Center p="md">
            <Button
              variant="default"
              loading={exports.isFetchingNextPage}
              onClick={() => void exports.fetchNextPage()}
            >
              {tCommon("loadMore")}
            </Button>
          </Center>
        ) : null}
      </Card>
      <CardDrawer slug={slug} exportId={cardOf} onClose={() => setCardOf(null)} />
    </>
  );
}
