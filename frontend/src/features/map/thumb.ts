import { API_ROOT } from "@/api/client";

/** The small picture of a photo. */
export function thumbUrl(slug: string, photoId: number): string {
  return `${API_ROOT}/projects/${slug}/photos/${photoId}/renditions/thumb`;
}
