import { EXIF_BYTES, takenAtOf } from "./exif";

const LONGEST_SIDE = 2048;
const QUALITY = 0.88;
const THUMB_SIDE = 240;

export interface Prepared {
  blob: Blob;
  thumb: Blob;
  takenAt: string | null;
  /** Of `blob`, lower-case hex; empty where the browser offers no digest (plain HTTP). */
  sha256: string;
}

/** The browser cannot read the picture: not an image, or a format such as HEIC that it does not know. */
export class UnreadablePhoto extends Error {}

/**
 * Makes a photo ready to send: upright, at most 2048 px, JPEG. Drawing it anew leaves all metadata behind; the date is read
 * before and travels as a field.
 *
 * @throws UnreadablePhoto
 */
export async function preparePhoto(file: File): Promise<Prepared> {
  const takenAt = takenAtOf(await file.slice(0, EXIF_BYTES).arrayBuffer());
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new UnreadablePhoto(file.name);
  }
  try {
    const blob = await jpegOf(bitmap, LONGEST_SIDE);
    const thumb = await jpegOf(bitmap, THUMB_SIDE);
    return { blob, thumb, takenAt, sha256: await sha256Of(blob) };
  } finally {
    bitmap.close();
  }
}

async function jpegOf(bitmap: ImageBitmap, side: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new UnreadablePhoto("canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  // Phones hold few large canvases at a time.
  canvas.width = 0;
  if (!blob) throw new UnreadablePhoto("encoding");
  return blob;
}

async function sha256Of(blob: Blob): Promise<string> {
  if (!crypto.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
