/**
 * Plots and plants to choose from: those of the project and those added on this phone, which the server makes when the
 * first photo of them arrives. So a new tree can be named without a signal.
 */
import type { Site } from "@/api/types";

/** Chosen by key: the id of what the server has, "+name" of what it does not have yet, "" for none. */
export interface Chosen {
  site: string;
  plant: string;
}

/** A plot, or a plant of a plot, that was added here. */
export interface Added {
  site: string;
  plant: string;
}

export interface Option {
  key: string;
  name: string;
}

export interface Place {
  siteId: number | null;
  plantId: number | null;
  newSite: string | undefined;
  newPlant: string | undefined;
  /** For people to read. */
  name: string;
}

export const NOWHERE: Chosen = { site: "", plant: "" };
export const tidy = (name: string): string => name.trim().replace(/\s+/g, " ");

const isNew = (key: string) => key.startsWith("+");
const nameOf = (key: string) => key.slice(1);
const unique = (options: Option[]) => [...new Map(options.map((option) => [option.name, option])).values()];

export function siteOptions(sites: Site[], added: Added[]): Option[] {
  const here = added.filter(({ site }) => isNew(site)).map(({ site }) => ({ key: site, name: nameOf(site) }));
  return unique([...here, ...sites.map(({ id, name }) => ({ key: String(id), name }))]);
}

export function plantOptions(sites: Site[], added: Added[], site: string): Option[] {
  const known = sites.find(({ id }) => String(id) === site)?.plants ?? [];
  const here = added.filter((each) => each.site === site && each.plant);
  return unique([
    ...here.map(({ plant }) => ({ key: plant, name: nameOf(plant) })),
    ...known.map(({ id, name }) => ({ key: String(id), name })),
  ]);
}

export function placeOf(sites: Site[], added: Added[], { site, plant }: Chosen): Place {
  const names = [
    siteOptions(sites, added).find(({ key }) => key === site)?.name,
    plantOptions(sites, added, site).find(({ key }) => key === plant)?.name,
  ];
  return {
    siteId: site && !isNew(site) ? Number(site) : null,
    plantId: plant && !isNew(plant) ? Number(plant) : null,
    newSite: isNew(site) ? nameOf(site) : undefined,
    newPlant: isNew(plant) ? nameOf(plant) : undefined,
    name: names.filter(Boolean).join(" · "),
  };
}

/** Replaces what was added here by what the server has made of it meanwhile. */
export function settled(sites: Site[], added: Added[], chosen: Chosen): { added: Added[]; chosen: Chosen } {
  const siteKey = (key: string) => {
    const made = isNew(key) ? sites.find(({ name }) => name === nameOf(key)) : undefined;
    return made ? String(made.id) : key;
  };
  const plantKey = (site: string, key: string) => {
    const plants = sites.find(({ id }) => String(id) === site)?.plants ?? [];
    const made = isNew(key) ? plants.find(({ name }) => name === nameOf(key)) : undefined;
    return made ? String(made.id) : key;
  };
  const renamed = added.map(({ site, plant }) => {
    const to = siteKey(site);
    return { site: to, plant: plantKey(to, plant) };
  });
  const site = siteKey(chosen.site);
  return {
    added: renamed.filter((each) => isNew(each.site) || isNew(each.plant)),
    chosen: { site, plant: plantKey(site, chosen.plant) },
  };
}
