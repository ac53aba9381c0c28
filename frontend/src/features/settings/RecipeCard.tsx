import { NumberInput, SimpleGrid, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { AcquisitionName, Project, Recipe } from "@/api/types";
import { Card } from "@/ui/Card";
import { notifyDone } from "@/ui/notify";
import { Problem } from "@/ui/Problem";
import { CardFoot } from "./CardFoot";
import classes from "./RecipeCard.module.css";
import {
  MOST_HARD,
  type RecipeFault,
  type RecipeValues,
  recipeFaultsOf,
  recipeSetOf,
  recipeValuesOf,
  recipeWordsOf,
} from "./recipe";
import { useUnsavedGuard } from "./useUnsavedGuard";

/** Inputs give text while it is not a number yet. */
const numberOf = (value: number | string): number | "" => (typeof value === "number" ? value : "");

/** What a batch is mixed of, with what it comes to in photos. */
export function RecipeCard({ project }: { project: Project }) {
  const { t } = useTranslation("settings");
  const recipe = useQuery(queries.recipe(project.slug));
  return (
    <Card title={t("recipe")} hint={t("recipeHint")}>
      {recipe.isPending ? <Skeleton height={480} /> : null}
      {recipe.error ? <Problem error={recipe.error} onRetry={() => recipe.refetch()} /> : null}
      {recipe.data ? <RecipeForm project={project} recipe={recipe.data} /> : null}
    </Card>
  );
}

function RecipeForm({ project, recipe }: { project: Project; recipe: Recipe }) {
  const { t } = useTranslation("settings");
  const { t: tCommon } = useTranslation();
  const client = useQueryClient();
  const saved = recipeValuesOf(recipe);
  const [values, setValues] = useState<RecipeValues>(saved);
  const save = useMutation({
    mutationFn: () => api.put<Recipe>(`/projects/${project.slug}/recipe`, recipeSetOf(values)),
    onSuccess: (fresh) => {
      client.setQueryData(queries.recipe(project.slug).queryKey, fresh);
      setValues(recipeValuesOf(fresh));
      notifyDone(tCommon("saved"));
    },
  });
  const isDirty = JSON.stringify(values) !== JSON.stringify(saved);
  useUnsavedGuard(isDirty && !save.isPending);
  const faults = recipeFaultsOf(values, project.random_share);
  const faultOf = (field: RecipeFault["field"]) => {
    const fault = faults.find((it) => it.field === field);
    if (!fault) return undefined;
    if (fault.kind === "range") return t("fault.range", { low: fault.low, high: fault.high });
    if (fault.kind === "empty") return t("recipeFault.empty");
    return t("recipeFault.sum", { random: Math.round(project.random_share * 1000) / 10 });
  };
  const share = (field: "evaluation_share" | "hard_cap", most: number) => (
    <NumberInput
      label={t(field)}
      description={t(`${field}Hint`)}
      inputWrapperOrder={["label", "input", "description", "error"]}
      suffix=" %"
      decimalScale={1}
      min={0}
      max={most}
      clampBehavior="none"
      value={values[field]}
      onChange={(value) => setValues({ ...values, [field]: numberOf(value) })}
      error={faultOf(field)}
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="lg">
        {faults.length === 0 ? <RecipeInWords values={values} project={project} /> : null}
        <ul className={classes.parts}>
          {recipe.offered.map((name) => (
            <Part
              key={name}
              name={name}
              value={values.weights[name] ?? 0}
              onChange={(weight) => setValues({ ...values, weights: { ...values.weights, [name]: weight } })}
            />
          ))}
        </ul>
        {faultOf("weights") ? (
          <p className={classes.error} role="alert">
            {faultOf("weights")}
          </p>
        ) : null}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          {share("evaluation_share", 100)}
          {share("hard_cap", MOST_HARD)}
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

/** Counts of a batch, source by source. */
function RecipeInWords({ values, project }: { values: RecipeValues; project: Project }) {
  const { t, i18n } = useTranslation("settings");
  const words = recipeWordsOf(values, project.batch_size, project.random_share);
  const list = new Intl.ListFormat(i18n.language, { type: "conjunction" });
  const sources = [
    ...words.parts.map((part) =>
      t("recipeWords.part", { count: part.count, name: t(`recipePart.${part.name}`) }),
    ),
    t("recipeWords.random", { count: words.random }),
    t("recipeWords.evaluation", { count: words.evaluation }),
  ];
  return (
    <p className={classes.words} role="status">
      {t("recipeWords.intro", { count: project.batch_size })} {list.format(sources)}.{" "}
      {t("recipeWords.cap", { share: Number(values.hard_cap) })}
    </p>
  );
}

function Part(props: { name: AcquisitionName; value: number | ""; onChange: (value: number | "") => void }) {
  const { t } = useTranslation("settings");
  const name = t(`recipePart.${props.name}`);
  return (
    <li className={classes.part}>
      <div>
        <span className={classes.name}>{name}</span>
        <p className={classes.hint}>{t(`recipePartHint.${props.name}`)}</p>
      </div>
      <NumberInput
        aria-label={t("recipeWeight", { name })}
        min={0}
        max={100}
        decimalScale={1}
        value={props.value}
        onChange={(value) => props.onChange(numberOf(value))}
      />
    </li>
  );
}
