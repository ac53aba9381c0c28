import type { QueueItem } from "@/api/types";

/** A queue item for tests. */
export function queueItem(photoId: number, part: Partial<QueueItem> = {}): QueueItem {
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
    reason: "boundary",
    boundary: 2,
    pair: null,
    is_blind: false,
    suggestion: { position: 3, confidence: 0.6, probabilities: [0, 0.1, 0.2, 0.6, 0.1] },
    ...part,
  };
}
