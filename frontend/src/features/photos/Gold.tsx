import { Badge, Button, Group, NativeSelect, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { PhotoDetail } from "@/api/types";
import { stageName } from "@/lib/stages";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import classes from "./PhotoDrawer.module.css";

/** Told to adjudicators only: the server says so to nobody else. */
export function GoldBadge() {
  const { t } = useTranslation("photos");
  return (
    <Badge color="amber" variant="filled" title={t("gold.title")}>
      {t("gold.badge")}
    </Badge>
  );
}

/** Declares or withdraws the stage of a photo that an adjudicator knows for certain. */
export function Gold({ slug, photo }: { slug: string; photo: PhotoDetail }) {
  const { t, i18n } = useTranslation("photos");
  const { t: tErrors } = useTranslation("errors");
  const { id: scale, stages } = useProject(slug).scale;
  const client = useQueryClient();
  const isGold = photo.consensus?.is_gold ?? false;
  const likely = photo.consensus?.stage_position ?? photo.suggestion?.position ?? null;
  const [stage, setStage] = useState(likely === null ? "" : String(likely));
  const path = `/projects/${slug}/photos/${photo.id}/gold`;
  const change = useMutation({
    mutationFn: (isDeclared: boolean) =>
      isDeclared ? api.put<void>(path, { stage: Number(stage), scale }) : api.delete(path),
    onSuccess: async (_, isDeclared) => {
      notifyDone(isDeclared ? t("gold.done") : t("gold.gone"));
      await client.invalidateQueries({ queryKey: queries.photo(slug, photo.id).queryKey });
      await client.invalidateQueries({ queryKey: ["project", slug, "photos"] });
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  return (
    <section className={classes.gold} aria-label={t("gold.title")}>
      <Title order={3}>{t("gold.title")}</Title>
      <Text size="sm" c="dimmed">
        {isGold ? t("gold.declared") : t("gold.hint")}
      </Text>
      {isGold ? (
        <Button variant="default" loading={change.isPending} onClick={() => change.mutate(false)}>
          {t("gold.withdraw")}
        </Button>
      ) : (
        <Group align="end" gap="xs" wrap="nowrap">
          <NativeSelect
            className={classes.goldStage}
            label={t("gold.stage")}
            value={stage}
            onChange={(event) => setStage(event.currentTarget.value)}
            data={[
              { value: "", label: "–" },
              ...stages.map((it) => ({
                value: String(it.position),
                label: `${it.position + 1} · ${stageName(it, i18n.language)}`,
              })),
            ]}
          />
          <Button
            variant="default"
            disabled={stage === ""}
            loading={change.isPending}
            onClick={() => change.mutate(true)}
          >
            {t("gold.declare")}
          </Button>
        </Group>
      )}
    </section>
  );
}
