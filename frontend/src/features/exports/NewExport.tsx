import { Alert, Button, Checkbox, NativeSelect, Skeleton, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useProject } from "@/api/project";
import { queries } from "@/api/queries";
import type { ExportFormat, ExportOrder, ExportRow } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { Card } from "@/ui/Card";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { Icon } from "@/ui/Icon";
import { notifyDone } from "@/ui/notify";
import { describeError, Problem } from "@/ui/Problem";
import classes from "./ExportPage.module.css";
import { FIRST_ORDER, FORMATS, inFormat, streamUrl } from "./order";

/** What to take along, and the button that has it made. */
export function NewExport({ slug }: { slug: string }) {
  const { t } = useTranslation("exports");
  const formats = useQuery(queries.exportFormats(slug));
  const [order, setOrder] = useState<ExportOrder>(FIRST_ORDER);
  const spec = formats.data?.find((format) => format.name === order.format);
  return (
    <Card title={t("new.title")}>
      {formats.isPending ? <Skeleton height={320} /> : null}
      {formats.error ? <Problem error={formats.error} onRetry={() => void formats.refetch()} /> : null}
      {formats.data && spec ? (
        <Stack gap="lg">
          <ChoiceCards
            legend={t("format.legend")}
            value={order.format}
            choices={FORMATS.map((value) => ({
              value,
              title: t(`format.${value}.name`),
              hint: t(`format.${value}.hint`),
            }))}
            onChange={(value) => {
              const next = formats.data.find((format) => format.name === value);
              if (next) setOrder(inFormat(order, next));
            }}
          />
          <Fields order={order} spec={spec} onChange={(part) => setOrder({ ...order, ...part })} />
          <Start slug={slug} order={order} spec={spec} />
        </Stack>
      ) : null}
    </Card>
  );
}

interface FieldsProps {
  order: ExportOrder;
  spec: ExportFormat;
  onChange: (part: Partial<ExportOrder>) => void;
}

function Fields({ order, spec, onChange }: FieldsProps) {
  const { t } = useTranslation("exports");
  return (
    <div className={classes.fields}>
      <NativeSelect
        label={t("unit.label")}
        description={spec.units.length > 1 ? t(`unit.hint.${order.unit}`) : t("unit.only")}
        inputWrapperOrder={["label", "input", "description"]}
        value={order.unit}
        data={spec.units.map((value) => ({ value, label: t(`unit.${value}`) }))}
        onChange={(event) => {
          const unit = spec.units.find((value) => value === event.currentTarget.value);
          if (unit) onChange({ unit });
        }}
      />
      <NativeSelect
        label={t("photos.label")}
        description={t(`photos.hint.${order.photos === "none" ? "without" : "with"}`)}
        inputWrapperOrder={["label", "input", "description"]}
        value={order.photos}
        data={spec.photos.map((value) => ({ value, label: t(`photos.${value}`) }))}
        onChange={(event) => {
          const photos = spec.photos.find((value) => value === event.currentTarget.value);
          if (photos) onChange({ photos });
        }}
      />
      <TextInput
        label={t("licence.label")}
        description={t("licence.hint")}
        inputWrapperOrder={["label", "input", "description"]}
        placeholder="CC-BY-4.0"
        maxLength={120}
        value={order.licence}
        onChange={(event) => onChange({ licence: event.currentTarget.value })}
      />
      <div className={classes.ticks}>
        <Checkbox
          label={t("names.label")}
          description={t("names.hint")}
          checked={order.has_names}
          onChange={(event) => onChange({ has_names: event.currentTarget.checked })}
        />
      </div>
      <div className={classes.ticks}>
        <Checkbox
          label={t("places.label")}
          description={t("places.hint")}
          checked={order.has_places}
          onChange={(event) => onChange({ has_places: event.currentTarget.checked })}
        />
      </div>
    </div>
  );
}

/** Asks for an export; the answer is the export, which may have been on its way already. */
export function useExportStart(slug: string) {
  const { t } = useTranslation("exports");
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: ExportOrder) => api.post<ExportRow>(`/projects/${slug}/exports`, order),
    onSuccess: async (row) => {
      notifyDone(t("start.done", { format: t(`format.${row.format}.name`) }));
      await client.invalidateQueries({ queryKey: queries.exports(slug).queryKey });
    },
  });
}

function Start({ slug, order, spec }: { slug: string; order: ExportOrder; spec: ExportFormat }) {
  const { t, i18n } = useTranslation("exports");
  const { t: tErrors } = useTranslation("errors");
  const { counts, scale } = useProject(slug);
  const start = useExportStart(slug);
  const stream = streamUrl(slug, order, spec);
  return (
    <div>
      {start.error ? (
        <Alert role="alert" color="clay" mb="sm">
          {describeError(start.error, tErrors)}
        </Alert>
      ) : null}
      <div className={classes.start}>
        <Button
          leftSection={<Icon name="export" size={18} />}
          loading={start.isPending}
          onClick={() => start.mutate(order)}
        >
          {t("start.button")}
        </Button>
        {stream ? (
          <Button component="a" href={stream} download variant="default">
            {t("start.stream")}
          </Button>
        ) : null}
        <p className={classes.sum}>
          {order.unit === "consensus"
            ? t("start.sum", {
                count: counts.consensus,
                n: formatNumber(counts.consensus, i18n.language),
                version: scale.version,
              })
            : t("start.sumAnnotations", { version: scale.version })}
          {spec.is_stages_only ? ` ${t("start.stagesOnly")}` : ""}
          {stream ? ` ${t("start.streamHint")}` : ""}
        </p>
      </div>
    </div>
  );
}
