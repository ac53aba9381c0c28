/** Reads when a photo was taken out of a JPEG's EXIF block; nothing else leaves the metadata. */

/** The block stands at the start of the file; reading more of a 12 MP photo would only cost time. */
export const EXIF_BYTES = 256 * 1024;

const TAG = { dateTime: 0x0132, exifBlock: 0x8769, takenAt: 0x9003, offset: 0x9011 } as const;
const ASCII = 2;

/** Where the TIFF structure starts, or -1: walks the segments of the JPEG up to the picture data. */
function tiffStart(view: DataView): number {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return -1;
  let at = 2;
  while (at + 10 <= view.byteLength) {
    const marker = view.getUint16(at);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return -1;
    const isExif = marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966 && view.getUint16(at + 8) === 0;
    if (isExif) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return -1;
}

/** The entries of one directory: tag to position of the 12-byte entry. */
function entriesAt(view: DataView, at: number, little: boolean): Map<number, number> {
  const entries = new Map<number, number>();
  const count = view.getUint16(at, little);
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12;
    entries.set(view.getUint16(entry, little), entry);
  }
  return entries;
}

function textOf(view: DataView, tiff: number, entry: number | undefined, little: boolean): string {
  if (entry === undefined || view.getUint16(entry + 2, little) !== ASCII) return "";
  const length = view.getUint32(entry + 4, little);
  const at = length <= 4 ? entry + 8 : tiff + view.getUint32(entry + 8, little);
  const bytes = Array.from({ length }, (_, index) => view.getUint8(at + index));
  return String.fromCharCode(...bytes).replace(/\0.*$/s, "");
}

/**
 * The time of the photo as ISO 8601, with an offset only where the camera wrote one: EXIF times are local and the server
 * knows the site's zone. Null when there is none or the bytes are not readable.
 */
export function takenAtOf(bytes: ArrayBuffer): string | null {
  const view = new DataView(bytes);
  try {
    const tiff = tiffStart(view);
    if (tiff < 0) return null;
    const little = view.getUint16(tiff) === 0x4949;
    const main = entriesAt(view, tiff + view.getUint32(tiff + 4, little), little);
    const pointer = main.get(TAG.exifBlock);
    const block =
      pointer === undefined
        ? new Map<number, number>()
        : entriesAt(view, tiff + view.getUint32(pointer + 8, little), little);
    const text =
      textOf(view, tiff, block.get(TAG.takenAt), little) ||
      textOf(view, tiff, main.get(TAG.dateTime), little);
    return isoOf(text, textOf(view, tiff, block.get(TAG.offset), little));
  } catch {
    // A RangeError: the block points outside the bytes at hand.
    return null;
  }
}

function isoOf(text: string, offset: string): string | null {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // A camera with a flat battery writes zeros.
  if (Number.isNaN(Date.parse(`${local}Z`)) || year === "0000") return null;
  return /^[+-]\d\d:\d\d$/.test(offset.trim()) ? local + offset.trim() : local;
}
