/** The pages of a project and the least role that opens each, in the order of the menu. */
import type { Role } from "@/api/types";
import { atLeast } from "@/lib/roles";
import type { IconName } from "@/ui/Icon";

export const PAGES = [
  { key: "overview", to: "/p/$slug", icon: "overview", role: "expert" },
  { key: "review", to: "/p/$slug/review", icon: "review", role: "expert" },
  { key: "grid", to: "/p/$slug/grid", icon: "grid", role: "expert" },
  { key: "adjudicate", to: "/p/$slug/adjudicate", icon: "adjudicate", role: "adjudicator" },
  { key: "secondLook", to: "/p/$slug/second-look", icon: "search", role: "adjudicator" },
  { key: "atlas", to: "/p/$slug/atlas", icon: "atlas", role: "expert" },
  { key: "photos", to: "/p/$slug/photos", icon: "photos", role: "expert" },
  { key: "import", to: "/p/$slug/import", icon: "import", role: "admin" },
  { key: "export", to: "/p/$slug/export", icon: "export", role: "adjudicator" },
  { key: "training", to: "/p/$slug/training", icon: "training", role: "expert" },
  { key: "models", to: "/p/$slug/models", icon: "models", role: "expert" },
  { key: "agreement", to: "/p/$slug/agreement", icon: "agreement", role: "expert" },
  { key: "classes", to: "/p/$slug/classes", icon: "folder", role: "expert" },
  { key: "people", to: "/p/$slug/people", icon: "people", role: "admin" },
  { key: "settings", to: "/p/$slug/settings", icon: "settings", role: "admin" },
] as const satisfies readonly { key: string; to: string; icon: IconName; role: Role }[];

export type PageLink = (typeof PAGES)[number];

/** What fits into the bar at the bottom of a phone; the rest goes into its drawer. */
export const TABS = 4;

export function pagesFor(role: Role): PageLink[] {
  return PAGES.filter((page) => atLeast(role, page.role));
}
