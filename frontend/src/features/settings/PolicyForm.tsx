import { Alert, Button, Group, NumberInput, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Project, ProjectPatch } from "@/api/types";
import { Card } from "@/ui/Card";
import { notifyDone } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { CriticalBoundaries } from "./CriticalBoundaries";
import classes from "./PolicyForm.module.css";
import {
  type Fault,
  type Field,
  faultsOf,
  LIMITS,
  type NumberField,
  patchOf,
  type Values,
  valuesOf,
  wordsOf,
} from "./policy";
import { useUnsavedGuard } from "./useUnsavedGuard";

const PERCENTS: readonly NumberField[] = [
  "certainty_wanted",
  "model_vote_cap",
  "random_share",
  "blind_share",
  "gold_share",
];

/** Below, so that fields side by side stand in line whatever the length of their hints. */
const HINT_BELOW: ("label" | "input" | "description" | "error")[] = [
  "label",
  "input",
  "description",
  "error",
];

type Words = TFunction<"settings">;

function describeFault(fault: Fault, t: Words): string {
  if (fault.field === "name") return t("fault.name");
  if (fault.kind === "range") return t("fault.range", { low: fault.low, high: fault.high });
  return t(`fault.${fault.kind}`);
}

function errorsOf(values: Values, t: Words): Partial<Record<Field, string>> {
  return Object.fromEntries(faultsOf(values).map((fault) => [fault.field, describeFault(fault, t)]));
}

/** The server's word on each field, for those that are on the form. */
function fieldErrors(error: unknown, values: Values): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const known = Object.entries(error.fields).filter(([field]) => field in values);
  return Object.fromEntries(known.map(([field, messages]) => [field, [messages].flat().join(" ")]));
}

export function PolicyForm({ project }: { project: Project }) {
  const { t } = useTranslation("settings");
  const { t: tCommon } = useTranslation();
  const { t: tErrors } = useTranslation("errors");
  const client = useQueryClient();
  const form = useForm<Values>({
    initialValues: valuesOf(project),
    validate: (values) => errorsOf(values, t),
    validateInputOnBlur: true,
  });
  const save = useMutation({
    mutationFn: (patch: ProjectPatch) => api.patch<Project>(`/projects/${project.slug}`, patch),
    onSuccess: async (fresh) => {
      client.setQueryData(queries.project(project.slug).queryKey, fresh);
      form.setInitialValues(valuesOf(fresh));
      form.setValues(valuesOf(fresh));
      form.resetDirty(valuesOf(fresh));
      notifyDone(tCommon("saved"));
      await client.invalidateQueries({ queryKey: queries.session().queryKey });
    },
    onError: (error) => form.setErrors(fieldErrors(error, form.getValues())),
  });
  const isDirty = form.isDirty();
  useUnsavedGuard(isDirty && !save.isPending);
  const { stages, is_ordered: isOrdered } = project.scale;
  const number = (field: NumberField) => ({
    label: t(field),
    description: t(`${field}Hint`),
    min: LIMITS[field][0],
    max: LIMITS[field][1],
    inputWrapperOrder: HINT_BELOW,
    // What is out of range is said, not silently changed.
    clampBehavior: "none" as const,
    ...(PERCENTS.includes(field)
      ? { suffix: " %", decimalScale: 1 }
      : { allowDecimal: false, thousandSeparator: " " }),
    ...form.getInputProps(field),
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(patchOf(values)))}>
      <Stack gap="lg">
        <Card title={t("about")}>
          <Stack>
            <TextInput label={t("name")} {...form.getInputProps("name")} />
            <Textarea label={t("description")} autosize minRows={2} {...form.getInputProps("description")} />
          </Stack>
        </Card>
        <Card title={t("policy")} hint={t("policyHint")}>
          <Stack gap="lg">
            <PolicyInWords values={form.getValues()} isOrdered={isOrdered} />
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
              <NumberInput {...number("labels_wanted")} />
              <NumberInput placeholder={t("labels_maxEmpty")} {...number("labels_max")} />
              <NumberInput placeholder={t("certainty_wantedEmpty")} {...number("certainty_wanted")} />
              <NumberInput {...number("model_vote_cap")} />
            </SimpleGrid>
            {isOrdered ? (
              <CriticalBoundaries
                stages={stages}
                value={form.getValues().critical_boundaries}
                onChange={(value) => form.setFieldValue("critical_boundaries", value)}
                error={form.errors.critical_boundaries}
              />
            ) : null}
          </Stack>
        </Card>
        <Card title={t("queue")} hint={t("queueHint")}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
            <NumberInput {...number("gold_share")} />
            <NumberInput {...number("blind_share")} />
            <NumberInput {...number("random_share")} />
            <NumberInput {...number("batch_size")} />
            <NumberInput {...number("refresh_every")} />
          </SimpleGrid>
        </Card>
        {save.error ? (
          <Alert role="alert" color="clay">
            {describeError(save.error, tErrors)}
          </Alert>
        ) : null}
        <div className={classes.foot} data-dirty={isDirty || undefined}>
          <span className={classes.state} role="status">
            {isDirty ? t("unsaved.now") : ""}
          </span>
          <Group gap="xs">
            {isDirty ? (
              <Button variant="default" onClick={() => form.reset()}>
                {t("unsaved.discard")}
              </Button>
            ) : null}
            <Button type="submit" disabled={!isDirty} loading={save.isPending}>
              {tCommon("save")}
            </Button>
          </Group>
        </div>
      </Stack>
    </form>
  );
}

/** What the numbers below add up to, sentence by sentence. */
function PolicyInWords({ values, isOrdered }: { values: Values; isOrdered: boolean }) {
  const { t } = useTranslation("settings");
  const words = wordsOf(values);
  if (!words) return null;
  const { wanted, certainty, most, criticalGap, hasCritical } = words;
  // One answer has nobody to differ from.
  const canDiffer = wanted > 1 || certainty !== null;
  const sentences = [
    certainty === null
      ? t("words.fixed", { count: wanted })
      : t("words.adaptive", { count: wanted, share: certainty, most }),
    canDiffer && certainty === null && most > wanted ? t("words.tie", { most }) : "",
    canDiffer && isOrdered ? t("words.gap", { gap: criticalGap }) : "",
    canDiffer && isOrdered && hasCritical ? t("words.critical") : "",
  ];
  return (
    <p className={classes.words} role="status">
      {sentences.filter(Boolean).join(" ")}
    </p>
  );
}
