/** What is known around one photo: its plant, its history, photos that look alike. Asked for only when somebody lingers. */
import { queryOptions } from "@tanstack/react-query";
import { API_ROOT, api } from "@/api/client";
import type { Iso } from "@/api/types";

export interface PlantPhoto {
  photo_id: number;
  thumb_url: string;
  view_url: string;
  taken_at: Iso | null;
  /** Agreed by the experts; null while it is open. */
  stage_position: number | null;
  is_current: boolean;
}
export interface PlantOfPhoto {
  site: string;
  plant: string;
  photos: PlantPhoto[];
}

export interface PhotoEvent {
  at: Iso;
  kind: "annotation" | "withdrawal" | "adjudication" | "consensus";
  who: string;
  is_mine: boolean;
  said: {
    kind: string;
    stage_position: number | null;
    stage_upper_position: number | null;
    reason: string;
    note: string;
  } | null;
  mode: string;
  is_blind: boolean;
  shown: { position: number; confidence: number; model_version: string } | null;
  lead_time_ms: number | null;
}
export interface PhotoHistory {
  events: PhotoEvent[];
}

export interface Neighbour {
  photo_id: number;
  thumb_url: string;
  stage_position: number;
  similarity: number;
}
export interface Neighbours {
  state: "ready" | "blind" | "no_vector" | "no_model";
  items: Neighbour[];
}

export const NEIGHBOURS = 6;

/** Where a photo is to be had in a size; for photos of which only the number is known. */
export function renditionUrl(slug: string, photoId: number, name: "thumb" | "view"): string {
  return `${API_ROOT}/projects/${slug}/photos/${photoId}/renditions/${name}`;
}

const STALE_MS = 30_000;
const at = (slug: string, id: number, what: string) => `/projects/${slug}/photos/${id}/${what}`;

export const context = {
  plant: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "plant"],
      queryFn: ({ signal }) => api.get<PlantOfPhoto>(at(slug, id, "plant"), {}, { signal, quiet: true }),
      staleTime: STALE_MS,
    }),
  history: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "history"],
      queryFn: ({ signal }) => api.get<PhotoHistory>(at(slug, id, "history"), {}, { signal, quiet: true }),
    }),
  neighbours: (slug: string, id: number) =>
    queryOptions({
      queryKey: ["project", slug, "photo", id, "neighbours"],
      queryFn: ({ signal }) =>
        api.get<Neighbours>(at(slug, id, "neighbours"), { count: NEIGHBOURS }, { signal, quiet: true }),
      staleTime: STALE_MS,
    }),
};
