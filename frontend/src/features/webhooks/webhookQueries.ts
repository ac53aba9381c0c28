/** Reads and names of webhooks, for this page alone. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { cursorOf } from "@/api/queries";
import type { Page, WebhookDelivery, WebhookEvent, Webhooks } from "@/api/types";

const LIVE_MS = 3000;

export const EVENTS: readonly WebhookEvent[] = [
  "consensus.settled",
  "import.finished",
  "export.ready",
  "training.finished",
  "model.promoted",
];

export const webhooksOf = (slug: string) =>
  queryOptions({
    queryKey: ["project", slug, "webhooks"],
    queryFn: () => api.get<Webhooks>(`/projects/${slug}/webhooks`),
    refetchInterval: LIVE_MS,
  });

export const deliveriesOf = (slug: string, id: number) =>
  infiniteQueryOptions({
    queryKey: ["project", slug, "webhooks", id, "deliveries"],
    queryFn: ({ pageParam }) =>
      api.get<Page<WebhookDelivery>>(`/projects/${slug}/webhooks/${id}/deliveries`, { cursor: pageParam }),
    initialPageParam: "",
    getNextPageParam: (last) => cursorOf(last.next),
    refetchInterval: LIVE_MS,
  });
