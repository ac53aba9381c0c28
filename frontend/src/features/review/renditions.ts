import { API_ROOT } from "@/api/client";

/** Where a photo is to be had in a size; for photos of which only the number is known. */
export function renditionUrl(slug: string, photoId: number, name: "thumb" | "view"): string {
  return `${API_ROOT}/projects/${slug}/photos/${photoId}/renditions/${name}`;
}
