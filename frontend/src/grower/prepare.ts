import { EXIF_BYTES, factsOf, isHeif, isJpeg, jpegSize, type Position, withoutPlace } from "./exif";

const LONGEST_SIDE = 2048;
const QUALITY = 0.88;
const THUMB_SIDE = 240;
/** The server takes no larger file. */
const MAX_FILE_BYTES = 40 * 1024 * 1024;
/** From here on the browser is asked to make the picture smaller as it decodes: 48 MP whole are 190 MB of memory. */
const LARGE_PIXELS = 20_000_000;

export interface Prepared {
  blob: Blob;
  /** Null where the browser cannot show the file. */
  thumb: Blob | null;
  takenAt: string | null;
  position: Position | null;
  /** Of `blob`, lower-case hex; empty where the browser offers no digest (plain HTTP). */
  sha256: string;
}

/** Neither this browser nor the server can read it. */
export class UnreadablePhoto extends Error {}
export class PhotoTooLarge extends Error {}

/**
 * Makes a photo ready to send: upright, at most 2048 px, JPEG. Drawing it anew leaves all metadata behind; date and place
 * are read before, and travel as fields if they do at all. What the browser cannot decode (HEIC in most, a huge JPEG on
 * a small phone) is sent as it is, its GPS block blanked: the server can.
 *
 * @throws UnreadablePhoto, PhotoTooLarge
 */
export async function preparePhoto(file: File): Promise<Prepared> {
  const head = await file.slice(0, EXIF_BYTES).arrayBuffer();
  const heif = isHeif(head);
  const facts = factsOf(heif ? await file.arrayBuffer() : head);
  const { takenAt, position } = { ...facts, takenAt: inPhoneTime(facts.takenAt) };
  const drawn = await draw(file, head, facts.isTurned);
  if (drawn) return { ...drawn, takenAt, position, sha256: await sha256Of(drawn.blob) };
  if (!heif && !isJpeg(head)) throw new UnreadablePhoto(file.name);
  if (file.size > MAX_FILE_BYTES) throw new PhotoTooLarge(file.name);
  const bytes = withoutPlace(await file.arrayBuffer());
  const blob = new Blob([bytes], { type: heif ? "image/heic" : "image/jpeg" });
  return { blob, thumb: null, takenAt, position, sha256: await sha256Of(blob) };
}

/** The photo and its thumbnail as JPEG; null if this browser cannot decode or draw it. */
async function draw(
  file: File,
  head: ArrayBuffer,
  isTurned: boolean,
): Promise<{ blob: Blob; thumb: Blob } | null> {
  let bitmap: ImageBitmap | undefined;
  try {
    bitmap = await createImageBitmap(file, {
      imageOrientation: "from-image",
      ...smallerThan(jpegSize(head), isTurned),
    });
    const blob = await jpegOf(bitmap, LONGEST_SIDE);
    const thumb = blob && (await jpegOf(bitmap, THUMB_SIDE));
    return blob && thumb ? { blob, thumb } : null;
  } catch {
    return null;
  } finally {
    bitmap?.close();
  }
}

function smallerThan(size: { width: number; height: number } | null, isTurned: boolean): ImageBitmapOptions {
  if (!size || size.width * size.height < LARGE_PIXELS) return {};
  const scale = LONGEST_SIDE / Math.max(size.width, size.height);
  const [width, height] = isTurned ? [size.height, size.width] : [size.width, size.height];
  return {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: "high",
  };
}

async function jpegOf(bitmap: ImageBitmap, side: number): Promise<Blob | null> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  // Phones hold few large canvases at a time.
  canvas.width = 0;
  return blob;
}

/** A camera's local time without an offset is taken to be in the zone the phone is in: it stands in the same field. */
export function inPhoneTime(takenAt: string | null): string | null {
  if (!takenAt || /[+-]\d\d:\d\d$/.test(takenAt)) return takenAt;
  return new Date(takenAt).toISOString();
}

async function sha256Of(blob: Blob): Promise<string> {
  if (!crypto.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
