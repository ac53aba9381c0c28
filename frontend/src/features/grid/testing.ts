import type { QueueItem } from "@/api/types";

/** A photo that the model takes for `position`. */
export function tile(photoId: number, position = 3, part: Partial<QueueItem> = {}): QueueItem {
  return {
    photo_id: photoId,
    reservation: `token-${photoId}`,
    expires_at: "2026-04-20T10:15:00Z",
    width: 1600,
    height: 1200,
    thumb_url: `/t/${photoId}`,
    view_url: `/v/${photoId}`,
    full_url: `/f/${photoId}`,
    site: "North plot",
    plant: "A1",
    taken_at: "2026-04-18T09:00:00Z",
    reason: "uncertain",
    boundary: null,
    pair: null,
    is_blind: false,
    suggestion: { position, confidence: 0.9, probabilities: [] },
    ...part,
  };
}

export function tilesOf(ids: readonly number[], position = 3): QueueItem[] {
  return ids.map((id) => tile(id, position));
}
