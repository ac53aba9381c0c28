import { NumberInput, SimpleGrid, Skeleton, Stack, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { TrainingRule } from "@/api/types";
import { Card } from "@/ui/Card";
import { notifyDone } from "@/ui/notify";
import { Problem } from "@/ui/Problem";
import { CardFoot } from "./CardFoot";
import { RULE_LIMITS, RULE_NUMBERS, type RuleNumber, ruleFaultsOf, ruleOf, ruleValuesOf } from "./rule";
import { useUnsavedGuard } from "./useUnsavedGuard";

/** When the model is trained again without anybody asking for it. */
export function TrainingRuleCard({ slug }: { slug: string }) {
  const { t } = useTranslation("settings");
  const rule = useQuery(queries.trainingRule(slug));
  return (
    <Card title={t("rule")} hint={t("ruleHint")}>
      {rule.isPending ? <Skeleton height={280} /> : null}
      {rule.error ? <Problem error={rule.error} onRetry={() => void rule.refetch()} /> : null}
      {rule.data ? <RuleForm slug={slug} rule={rule.data} /> : null}
    </Card>
  );
}

function RuleForm({ slug, rule }: { slug: string; rule: TrainingRule }) {
  const { t } = useTranslation("settings");
  const { t: tCommon } = useTranslation();
  const client = useQueryClient();
  const saved = ruleValuesOf(rule);
  const [values, setValues] = useState(saved);
  const save = useMutation({
    mutationFn: () => api.put<TrainingRule>(`/projects/${slug}/training-rule`, ruleOf(values)),
    onSuccess: (fresh) => {
      client.setQueryData(queries.trainingRule(slug).queryKey, fresh);
      setValues(ruleValuesOf(fresh));
      notifyDone(tCommon("saved"));
    },
  });
  const isDirty = JSON.stringify(values) !== JSON.stringify(saved);
  useUnsavedGuard(isDirty && !save.isPending);
  const faults = ruleFaultsOf(values);
  const placeholders: Partial<Record<RuleNumber, string>> = {
    labels_new: t("labels_newEmpty"),
    days_most: t("days_mostEmpty"),
    accuracy_drop: t("accuracy_dropEmpty"),
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="lg">
        <Switch
          label={t("rule_is_on")}
          checked={values.is_on}
          onChange={(event) => setValues({ ...values, is_on: event.currentTarget.checked })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          {RULE_NUMBERS.map((field) => {
            const [low, high] = RULE_LIMITS[field];
            return (
              <NumberInput
                key={field}
                label={t(field)}
                description={t(`${field}Hint`)}
                inputWrapperOrder={["label", "input", "description", "error"]}
                placeholder={placeholders[field]}
                suffix={field === "accuracy_drop" ? " %" : undefined}
                allowDecimal={field === "accuracy_drop"}
                decimalScale={1}
                min={low}
                max={high}
                clampBehavior="none"
                disabled={!values.is_on}
                value={values[field]}
                onChange={(value) =>
                  setValues({ ...values, [field]: typeof value === "number" ? value : "" })
                }
                error={faults.includes(field) ? t("fault.range", { low, high }) : undefined}
              />
            );
          })}
        </SimpleGrid>
        <CardFoot
          error={save.error}
          isDirty={isDirty}
          isFaulty={faults.length > 0}
          isSaving={save.isPending}
          onDiscard={() => setValues(saved)}
        />
      </Stack>
    </form>
  );
}
