/** Who may open what. The server decides in the end; this keeps closed doors out of sight. */
import type { Role } from "@/api/types";

const RANK: Record<Role, number> = { grower: 0, expert: 1, adjudicator: 2, admin: 3 };

export function atLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** From the least to the most that a member may do. */
export const ROLES = ["grower", "expert", "adjudicator", "admin"] as const satisfies readonly Role[];
