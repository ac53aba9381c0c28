import { Button, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { ModelVersionDetail, ShadowComparison } from "@/api/types";
import { formatDateTime, formatNumber } from "@/lib/format";
import { Card } from "@/ui/Card";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";

/** Fewer photos leave an interval of some twenty points. */
const FEW = 30;

interface ShadowCardProps {
  slug: string;
  version: ModelVersionDetail;
  mayChange: boolean;
}

/** How a version that runs unseen does beside the one in use. */
export function ShadowCard({ slug, version, mayChange }: ShadowCardProps) {
  const { t, i18n } = useTranslation("models");
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const isOn = version.shadow_since !== null;
  const path = `/projects/${slug}/model-versions/${version.id}/shadow`;
  const change = useMutation({
    mutationFn: () => (isOn ? api.delete<ModelVersionDetail>(path) : api.put<ModelVersionDetail>(path, {})),
    onSuccess: (answer) => {
      client.setQueryData(queries.model(slug, version.id).queryKey, answer);
      notifyDone(t(isOn ? "shadow.stopped" : "shadow.started"));
    },
    onError: (error) => notifyFailed(describeError(error, tErrors)),
  });
  const since = t("shadow.since", { when: formatDateTime(version.shadow_since, i18n.language) });
  return (
    <Card
      title={t("shadow.title")}
      hint={t("shadow.hint")}
      actions={
        mayChange ? (
          <Button variant="default" loading={change.isPending} onClick={() => change.mutate()}>
            {t(isOn ? "shadow.stop" : "shadow.start")}
          </Button>
        ) : null
      }
    >
      <Stack gap={4}>
        <Text size="sm" c="dimmed">
          {isOn ? since : t("shadow.off")}
        </Text>
        {version.shadow ? <Found found={version.shadow} /> : null}
      </Stack>
    </Card>
  );
}

function Found({ found }: { found: ShadowComparison }) {
  const { t, i18n } = useTranslation("models");
  const number = (value: number) => formatNumber(value, i18n.language);
  const points = (share: number) => (share > 0 ? "+" : "") + formatNumber(100 * share, i18n.language, 1);
  if (found.n === 0) return <Text size="sm">{t("shadow.waiting")}</Text>;
  const counts = {
    n: number(found.n),
    shadow: number(found.shadow_right),
    serving: number(found.serving_right),
  };
  return (
    <>
      <Text fw={600}>{t("shadow.result", counts)}</Text>
      <Text>
        {t("shadow.difference", {
          difference: points(found.difference),
          low: points(found.low),
          high: points(found.high),
          p: found.p_value < 0.001 ? "p < 0.001" : `p = ${formatNumber(found.p_value, i18n.language, 3)}`,
        })}
      </Text>
      <Text size="sm" c="dimmed">
        {t("shadow.flips", { shadow: number(found.only_shadow), serving: number(found.only_serving) })}{" "}
        {found.n < FEW ? t("shadow.few", { n: FEW }) : null}
      </Text>
    </>
  );
}
