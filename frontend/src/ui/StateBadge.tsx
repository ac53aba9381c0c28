import { Badge } from "@mantine/core";

const COLORS: Record<string, string> = {
  queued: "gray",
  pending: "gray",
  received: "gray",
  running: "brand",
  succeeded: "brand",
  done: "brand",
  ready: "brand",
  promoted: "brand",
  candidate: "amber",
  lost: "amber",
  cancelled: "gray",
  retired: "gray",
  failed: "clay",
  rejected: "clay",
};

/** The state of a run, an import, a photo or a model: a word on a quiet colour. */
export function StateBadge({ state, label }: { state: string; label: string }) {
  return (
    <Badge color={COLORS[state] ?? "gray"} variant="light" miw="max-content">
      {label}
    </Badge>
  );
}
