/** What the recipe's form holds, and what it means for the API. Pure. */
import type { AcquisitionName, Recipe, RecipeSet } from "@/api/types";

/** Weights are parts of a hundred; shares percents. A field that was emptied holds "". */
export interface RecipeValues {
  weights: Partial<Record<AcquisitionName, number | "">>;
  evaluation_share: number | "";
  hard_cap: number | "";
}

export const MOST_HARD = 50;

const percent = (share: number) => Math.round(share * 1000) / 10;

/** Weights of any size become parts of a hundred, which is what people read them as. */
export function recipeValuesOf(recipe: Recipe): RecipeValues {
  const total = recipe.chosen.reduce((sum, part) => sum + part.weight, 0);
  const parts = new Map(recipe.chosen.map((part) => [part.name, percent(part.weight / total)]));
  return {
    weights: Object.fromEntries(recipe.offered.map((name) => [name, parts.get(name) ?? 0])),
    evaluation_share: percent(recipe.evaluation_share),
    hard_cap: percent(recipe.hard_cap),
  };
}

/** The parts that count, the largest first: it stands in for what the others cannot fill. */
export function partsOf(values: RecipeValues): { name: AcquisitionName; weight: number }[] {
  return (Object.entries(values.weights) as [AcquisitionName, number | ""][])
    .map(([name, weight]) => ({ name, weight: weight === "" ? 0 : weight }))
    .filter((part) => part.weight > 0)
    .sort((a, b) => b.weight - a.weight);
}

export function recipeSetOf(values: RecipeValues): RecipeSet {
  const share = (value: number | "") => (value === "" ? 0 : Math.round(value * 10) / 1000);
  return {
    chosen: partsOf(values),
    evaluation_share: share(values.evaluation_share),
    hard_cap: share(values.hard_cap),
  };
}

export type RecipeFault =
  | { field: "weights"; kind: "empty" }
  | { field: "evaluation_share" | "hard_cap"; kind: "range"; low: number; high: number }
  | { field: "evaluation_share"; kind: "sum" };

/** What would be refused, found before it is sent. `randomShare` is the project's, 0..1. */
export function recipeFaultsOf(values: RecipeValues, randomShare: number): RecipeFault[] {
  const faults: RecipeFault[] = partsOf(values).length ? [] : [{ field: "weights", kind: "empty" }];
  const outside = (value: number | "", high: number) => value === "" || value < 0 || value > high;
  const { evaluation_share: evaluation, hard_cap: hard } = values;
  if (outside(evaluation, 100)) faults.push({ field: "evaluation_share", kind: "range", low: 0, high: 100 });
  else if (Number(evaluation) + percent(randomShare) > 100)
    faults.push({ field: "evaluation_share", kind: "sum" });
  if (outside(hard, MOST_HARD)) faults.push({ field: "hard_cap", kind: "range", low: 0, high: MOST_HARD });
  return faults;
}

export interface RecipeWords {
  random: number;
  evaluation: number;
  parts: { name: AcquisitionName; count: number }[];
}

/** How many photos of a batch come from where; largest remainders, so that they sum to the batch. */
export function recipeWordsOf(values: RecipeValues, batchSize: number, randomShare: number): RecipeWords {
  const evaluation = Math.round((batchSize * Number(values.evaluation_share)) / 100);
  const random = Math.min(Math.round(batchSize * randomShare), batchSize - evaluation);
  const room = batchSize - evaluation - random;
  const parts = partsOf(values);
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  const exact = parts.map((part) => (room * part.weight) / total);
  const counts = exact.map(Math.floor);
  const byRemainder = exact.map((value, index) => ({ index, left: value - Math.floor(value) }));
  byRemainder.sort((a, b) => b.left - a.left);
  const missing = room - counts.reduce((sum, count) => sum + count, 0);
  for (const { index } of byRemainder.slice(0, missing)) counts[index] = (counts[index] ?? 0) + 1;
  return {
    random,
    evaluation,
    parts: parts.map((part, index) => ({ name: part.name, count: counts[index] ?? 0 })),
  };
}
