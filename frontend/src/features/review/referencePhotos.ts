import type { ReferencePhoto } from "@/api/types";
import { afterPaint } from "@/lib/afterPaint";

const THUMB_PX = 320;
const VIEW_PX = 1600;
/** As wide as a reference photo gets beside the photo; the browser takes the smaller file unless its pixels are finer. */
const SIZES = "(max-width: 48em) 240px, 300px";
/** Decoded photos kept at hand: three stages of three, and their neighbours. */
const KEPT = 24;

/** What an `<img>` of a reference photo needs to choose its file; one place, so that what is loaded ahead is what is shown. */
export function sourcesOf(photo: ReferencePhoto): { src: string; srcSet: string; sizes: string } {
  const srcSet = `${photo.thumb_url} ${THUMB_PX}w, ${photo.view_url} ${VIEW_PX}w`;
  return { src: photo.thumb_url, srcSet, sizes: SIZES };
}

/** Loads reference photos before anybody asks, behind the photos that wait for a decision. */
export class ReferenceLoader {
  private readonly held = new Map<number, HTMLImageElement>();

  want(photos: readonly ReferencePhoto[]): void {
    for (const photo of photos) {
      const image = this.held.get(photo.photo_id) ?? this.load(photo);
      // Last in the map is what was wanted last; the first goes first.
      this.held.delete(photo.photo_id);
      this.held.set(photo.photo_id, image);
    }
    for (const photoId of [...this.held.keys()].slice(0, -KEPT)) this.held.delete(photoId);
  }

  private load(photo: ReferencePhoto): HTMLImageElement {
    const image = new Image();
    image.fetchPriority = "low";
    image.decoding = "async";
    const { src, srcSet, sizes } = sourcesOf(photo);
    image.sizes = sizes;
    image.srcset = srcSet;
    image.src = src;
    afterPaint(() => void image.decode().catch(() => undefined));
    return image;
  }
}
