import type { Import } from "@/api/types";

/** The word for the state of an import; a finished dry run has one of its own, since nothing came in. */
export function stateKey(
  item: Pick<Import, "state" | "is_dry_run">,
): Import["state"] | "checking" | "checked" {
  if (!item.is_dry_run) return item.state;
  if (item.state === "running") return "checking";
  return item.state === "done" ? "checked" : item.state;
}
