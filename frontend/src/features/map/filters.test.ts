import { describe, expect, it } from "vitest";
import type { Stage } from "@/api/types";
import {
  type Column,
  type ColumnName,
  coloursOf,
  columnFrom,
  countsOf,
  legendOf,
  NONE,
  NOT_A_STAGE,
} from "./columns";
import { codeOf, filtersOf, shownBy, tableOf, wordOf } from "./filters";
import { byOwnStage, portions, summed } from "./lots";
import { HIDDEN } from "./spatial";
import { joined } from "./useMapData";
import { combined } from "./useScene";

const column = (name: ColumnName, codes: number[], labels: string[] = []): Column => ({
  name,
  codes: Uint8Array.from(codes),
  labels,
});
const stages = [0, 1, 2].map((position) => ({ position, color: "", slug: `s${position}` }) as Stage);
const xs = Uint16Array.of(1, 2, 3, 4, HIDDEN);
const columns = new Map<ColumnName, Column>([
  ["stage", column("stage", [0, 1, NONE, NOT_A_STAGE, 0])],
  ["suggested", column("suggested", [1, 1, 2, 0, 0])],
  ["site", column("site", [0, 1, 1, NONE, 0], ["Ladera", "Vega"])],
  ["error", column("error", [0, 1, 3, NONE, 2])],
]);

describe("filters", () => {
  it("show what passes all of them and may be seen", () => {
    expect([...shownBy({}, columns, xs)]).toEqual([1, 1, 1, 1, 0]);
    expect([...shownBy({ stage: "0" }, columns, xs)]).toEqual([1, 0, 0, 0, 0]);
    expect([...shownBy({ stage: "none" }, columns, xs)]).toEqual([0, 0, 1, 0, 0]);
    expect([...shownBy({ stage: "other" }, columns, xs)]).toEqual([0, 0, 0, 1, 0]);
    expect([...shownBy({ site: "Vega", suggested: "2" }, columns, xs)]).toEqual([0, 0, 1, 0, 0]);
    expect([...shownBy({ site: "Gone" }, columns, xs)]).toEqual([0, 0, 0, 0, 0]);
  });

  it("take a difference of stages as the least one", () => {
    expect([...shownBy({ error: "1" }, columns, xs)]).toEqual([0, 1, 1, 0, 0]);
    expect([...shownBy({ error: "0" }, columns, xs)]).toEqual([1, 0, 0, 0, 0]);
    expect([...shownBy({ error: "none" }, columns, xs)]).toEqual([0, 0, 0, 1, 0]);
  });

  it("have words that stand in the address whatever the numbers are", () => {
    for (const [name, code] of [
      ["site", 1],
      ["stage", 2],
      ["stage", NONE],
      ["stage", NOT_A_STAGE],
    ] as const) {
      const of = columns.get(name);
      expect(of && codeOf(of, wordOf(of, code))).toBe(code);
    }
    expect(wordOf(column("state", []), 2)).toBe("adjudication");
    expect(codeOf(column("state", []), "gold")).toBe(4);
    expect(filtersOf({ color: "site", view: "1_2_3", stage: "2" })).toEqual({ stage: "2" });
  });

  it("count what is selected by what is decided, and by what is only suggested", () => {
    const rows = Uint32Array.of(0, 1, 2, 3);
    expect(tableOf(rows, columns.get("stage")?.codes, columns.get("suggested")?.codes, stages)).toEqual([
      { code: 0, settled: 1, suggested: 0 },
      { code: 1, settled: 1, suggested: 0 },
      { code: 2, settled: 0, suggested: 1 },
      { code: NOT_A_STAGE, settled: 1, suggested: 0 },
    ]);
  });
});

describe("columns", () => {
  it("come as a text and a byte for each photo", () => {
    const text = new TextEncoder().encode(JSON.stringify({ labels: ["Año"] }));
    const data = new Uint8Array(4 + text.length + 2);
    new DataView(data.buffer).setUint32(0, text.length, true);
    data.set(text, 4);
    data.set([0, 255], 4 + text.length);
    expect(columnFrom("site", data.buffer)).toEqual(column("site", [0, 255], ["Año"]));
  });

  it("give colours of their own to the largest sites alone", () => {
    const labels = Array.from({ length: 12 }, (_, at) => `Site ${at}`);
    const codes = labels.flatMap((_, at) => Array(at === 3 ? 50 : at + 1).fill(at));
    const many = column("site", codes, labels);
    const colours = coloursOf(many, countsOf(many.codes), stages, false);
    const own = new Set(labels.map((_, code) => colours.of(code)));
    expect(own.size).toBe(9);
    expect(colours.of(3)).not.toBe(colours.of(0));
    expect(colours.of(0)).toBe(colours.of(1));
    expect(colours.of(NONE)).not.toBe(colours.of(0));
  });

  it("have a legend of all codes, counting what is shown", () => {
    const of = columns.get("stage");
    const rows = of ? legendOf(of, Uint8Array.of(1, 0, 1, 1, 0), stages, false) : [];
    expect(rows.map(({ code, count }) => [code, count])).toEqual([
      [0, 1],
      [1, 0],
      [NOT_A_STAGE, 1],
      [NONE, 1],
    ]);
  });
});

describe("points and lots", () => {
  it("are joined from parts that each hold both coordinates", () => {
    const points = joined(7, [Uint16Array.of(1, 2, 11, 12), Uint16Array.of(3, 13)], true);
    expect([...points.xs, ...points.ys]).toEqual([1, 2, 3, 11, 12, 13]);
  });

  it("add to a selection and take from it", () => {
    const before = Uint32Array.of(1, 5, 9);
    expect([...combined(before, Uint32Array.of(5, 20), "add")]).toEqual([1, 5, 9, 20]);
    expect([...combined(before, Uint32Array.of(5, 20), "remove")]).toEqual([1, 9]);
    expect([...combined(before, Uint32Array.of(2), "replace")]).toEqual([2]);
  });

  it("are sent in portions with a key each", () => {
    let key = 0;
    const lots = portions(
      "label",
      2,
      Array.from({ length: 250 }, (_, at) => at + 1),
      () => String(++key),
    );
    expect(lots.map((lot) => [lot.key, lot.photoIds.length, lot.stage])).toEqual([
      ["1", 100, 2],
      ["2", 100, 2],
      ["3", 50, 2],
    ]);
  });

  it("confirm photos as what they are, or are suggested to be", () => {
    const ids = Uint32Array.of(10, 11, 12, 13, 0);
    const [stage, suggested] = [columns.get("stage")?.codes, columns.get("suggested")?.codes];
    const groups = byOwnStage(Uint32Array.of(0, 1, 2, 3, 4), ids, stage, suggested);
    expect([...groups]).toEqual([
      [0, [10]],
      [1, [11]],
      [2, [12]],
    ]);
  });

  it("say how it went", () => {
    const done = summed([
      { photo_id: 1, code: "", decision: "k1" },
      { photo_id: 2, code: "", decision: null },
      { photo_id: 3, code: "already_settled", decision: null },
      { photo_id: 4, code: "already_settled", decision: null },
    ]);
    expect(done.done).toEqual([1, 2]);
    expect([...done.refused]).toEqual([["already_settled", 2]]);
    expect(done.decisions).toEqual([{ key: "k1", photoId: 1 }]);
  });
});
