import { describe, expect, it } from "vitest";
import type { Recipe } from "@/api/types";
import {
  partsOf,
  type RecipeValues,
  recipeFaultsOf,
  recipeSetOf,
  recipeValuesOf,
  recipeWordsOf,
} from "./recipe";

const recipe: Recipe = {
  chosen: [
    { name: "margin", weight: 3 },
    { name: "typical", weight: 1 },
  ],
  evaluation_share: 0.1,
  hard_cap: 0.5,
  offered: ["margin", "entropy", "typical"],
};
const values = recipeValuesOf(recipe);
const changed = (part: Partial<RecipeValues>): RecipeValues => ({ ...values, ...part });

describe("recipeValuesOf and recipeSetOf", () => {
  it("show weights as parts of a hundred, 0 for what is offered and not chosen", () => {
    expect(values.weights).toEqual({ margin: 75, entropy: 0, typical: 25 });
    expect(values).toMatchObject({ evaluation_share: 10, hard_cap: 50 });
  });

  it("send the parts that count, the largest first", () => {
    const sent = recipeSetOf(changed({ weights: { margin: 10, entropy: "", typical: 40 } }));
    expect(sent).toEqual({
      chosen: [
        { name: "typical", weight: 40 },
        { name: "margin", weight: 10 },
      ],
      evaluation_share: 0.1,
      hard_cap: 0.5,
    });
  });
});

describe("recipeFaultsOf", () => {
  it("finds nothing in what the server sent", () => {
    expect(recipeFaultsOf(values, 0.1)).toEqual([]);
  });

  it("wants one weight above 0, a cap of a half at most, and no more than a whole batch", () => {
    const bad = changed({ weights: { margin: 0, typical: "" }, evaluation_share: 95, hard_cap: 51 });
    expect(recipeFaultsOf(bad, 0.1)).toEqual([
      { field: "weights", kind: "empty" },
      { field: "evaluation_share", kind: "sum" },
      { field: "hard_cap", kind: "range", low: 0, high: 50 },
    ]);
  });
});

describe("recipeWordsOf", () => {
  it("deals the whole batch", () => {
    const words = recipeWordsOf(
      changed({ weights: { margin: 1, entropy: 1, typical: 1 }, evaluation_share: 10 }),
      121,
      0.1,
    );
    expect(words.random + words.evaluation + words.parts.reduce((sum, part) => sum + part.count, 0)).toBe(
      121,
    );
    expect(words).toMatchObject({ random: 12, evaluation: 12 });
    expect(words.parts.map((part) => part.count)).toEqual([33, 32, 32]);
  });

  it("has nothing to deal without weights", () => {
    expect(partsOf(changed({ weights: {} }))).toEqual([]);
    expect(recipeWordsOf(changed({ weights: {} }), 100, 0.1).parts).toEqual([]);
  });
});
