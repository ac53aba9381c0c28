import { Alert, Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import { formatBytes, formatPercent } from "@/lib/format";

/** Files that broke off on an earlier visit: what has arrived of each, and how to go on. */
export function Unfinished({ slug }: { slug: string }) {
  const { t, i18n } = useTranslation("imports");
  const client = useQueryClient();
  const uploads = useQuery(queries.uploads(slug));
  const discard = useMutation({
    mutationFn: (id: number) => api.delete(`/projects/${slug}/uploads/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: queries.uploads(slug).queryKey }),
  });
  return uploads.data?.map((upload) => (
    <Alert key={upload.id} color="amber" title={t("unfinished.title", { name: upload.name })}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {t("unfinished.body", {
            share: formatPercent(upload.received / upload.size, i18n.language),
            size: formatBytes(upload.size, i18n.language),
          })}
        </Text>
        <Button
          variant="default"
          size="xs"
          loading={discard.isPending}
          onClick={() => discard.mutate(upload.id)}
        >
          {t("unfinished.discard")}
        </Button>
      </Group>
    </Alert>
  ));
}
