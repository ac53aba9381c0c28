import { describe, expect, it } from "vitest";
import type { Site } from "@/api/types";
import { placeOf, plantOptions, settled, siteOptions, tidy } from "./places";

const SITES: Site[] = [
  { id: 1, name: "Soto", plants: [{ id: 11, name: "A" }] },
  { id: 2, name: "Vega", plants: [] },
];

describe("plots and plants", () => {
  const added = [
    { site: "+Eras", plant: "" },
    { site: "+Eras", plant: "+1" },
    { site: "1", plant: "+B" },
  ];

  it("are offered with those added here first, each once", () => {
    expect(siteOptions(SITES, added).map(({ key }) => key)).toEqual(["+Eras", "1", "2"]);
    expect(plantOptions(SITES, added, "1").map(({ key }) => key)).toEqual(["+B", "11"]);
    expect(plantOptions(SITES, added, "+Eras").map(({ key }) => key)).toEqual(["+1"]);
    expect(plantOptions(SITES, added, "")).toEqual([]);
  });

  it("are sent by id where there is one, by name where there is none", () => {
    expect(placeOf(SITES, added, { site: "1", plant: "11" })).toEqual({
      siteId: 1,
      plantId: 11,
      newSite: undefined,
      newPlant: undefined,
      name: "Soto · A",
    });
    expect(placeOf(SITES, added, { site: "1", plant: "+B" })).toMatchObject({ siteId: 1, newPlant: "B" });
    expect(placeOf(SITES, added, { site: "+Eras", plant: "+1" })).toMatchObject({
      siteId: null,
      newSite: "Eras",
      newPlant: "1",
      name: "Eras · 1",
    });
    expect(placeOf(SITES, added, { site: "", plant: "" })).toMatchObject({ siteId: null, name: "" });
  });

  it("take the server's ids once it has made them", () => {
    const now: Site[] = [...SITES, { id: 3, name: "Eras", plants: [] }];
    const first = settled(now, added, { site: "+Eras", plant: "+1" });
    expect(first.chosen).toEqual({ site: "3", plant: "+1" });
    expect(first.added).toEqual([
      { site: "3", plant: "+1" },
      { site: "1", plant: "+B" },
    ]);
    const all: Site[] = [
      { id: 1, name: "Soto", plants: [{ id: 12, name: "B" }] },
      { id: 3, name: "Eras", plants: [{ id: 31, name: "1" }] },
    ];
    expect(settled(all, first.added, first.chosen)).toEqual({
      added: [],
      chosen: { site: "3", plant: "31" },
    });
  });

  it("are named as the server names them", () => {
    expect(tidy("  El   Soto ")).toBe("El Soto");
  });
});
