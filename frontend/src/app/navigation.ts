/** The pages of a project and the least role that opens each, in the order of the menu. */
import type { Role } from "@/api/types";
import { atLeast } from "@/lib/roles";
import type { IconName } from "@/ui/Icon";

/** What pages have in common; "work" comes first and needs no heading. */
export type Group = "work" | "photos" | "stages" | "model" | "project";

export const PAGES = [
  { key: "overview", to: "/p/$slug", icon: "overview", role: "expert", group: "work" },
  { key: "review", to: "/p/$slug/review", icon: "review", role: "expert", group: "work" },
  { key: "grid", to: "/p/$slug/grid", icon: "grid", role: "expert", group: "work" },
  { key: "adjudicate", to: "/p/$slug/adjudicate", icon: "adjudicate", role: "adjudicator", group: "work" },
  { key: "secondLook", to: "/p/$slug/second-look", icon: "search", role: "adjudicator", group: "work" },
  { key: "dashboard", to: "/p/$slug/dashboard", icon: "dashboard", role: "adjudicator", group: "work" },
  { key: "photos", to: "/p/$slug/photos", icon: "photos", role: "expert", group: "photos" },
  { key: "map", to: "/p/$slug/map", icon: "map", role: "expert", group: "photos" },
  { key: "import", to: "/p/$slug/import", icon: "import", role: "admin", group: "photos" },
  { key: "export", to: "/p/$slug/export", icon: "export", role: "adjudicator", group: "photos" },
  { key: "atlas", to: "/p/$slug/atlas", icon: "atlas", role: "expert", group: "stages" },
  { key: "agreement", to: "/p/$slug/agreement", icon: "agreement", role: "expert", group: "stages" },
  { key: "classes", to: "/p/$slug/classes", icon: "folder", role: "expert", group: "stages" },
  { key: "training", to: "/p/$slug/training", icon: "training", role: "expert", group: "model" },
  { key: "models", to: "/p/$slug/models", icon: "models", role: "expert", group: "model" },
  { key: "people", to: "/p/$slug/people", icon: "people", role: "admin", group: "project" },
  { key: "settings", to: "/p/$slug/settings", icon: "settings", role: "admin", group: "project" },
] as const satisfies readonly { key: string; to: string; icon: IconName; role: Role; group: Group }[];

export type PageLink = (typeof PAGES)[number];

/** What fits into the bar at the bottom of a phone; the rest goes into its drawer. */
export const TABS = 4;

export function pagesFor(role: Role): PageLink[] {
  return PAGES.filter((page) => atLeast(role, page.role));
}
