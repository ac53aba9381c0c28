/** What a camera wrote about a photo: when, where, which way up. Read on the phone; nothing else leaves the metadata. */

/** The block stands at the start of a JPEG; reading more of a 12 MP photo would only cost time. */
export const EXIF_BYTES = 256 * 1024;

const TAG = {
  orientation: 0x0112,
  dateTime: 0x0132,
  exifBlock: 0x8769,
  gpsBlock: 0x8825,
  takenAt: 0x9003,
  offset: 0x9011,
} as const;
const GPS = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4 } as const;
const TYPE = { ascii: 2, rational: 5 } as const;
/** Bytes of one value of each type of TIFF. */
const SIZES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
};
const ENTRY = 12;

export interface Position {
  latitude: number;
  longitude: number;
}

export interface PhotoFacts {
  /** ISO 8601, with an offset only where the camera wrote one. */
  takenAt: string | null;
  position: Position | null;
  /** Drawn as it lies, the picture has width and height changed. */
  isTurned: boolean;
}

type Entries = Map<number, number>;

/** A TIFF structure inside a file: where it starts, and in which order its bytes are. */
interface Tiff {
  view: DataView;
  start: number;
  little: boolean;
}

const NOTHING: PhotoFacts = { takenAt: null, position: null, isTurned: false };

/** Never throws: what cannot be read is not there. */
export function factsOf(bytes: ArrayBuffer): PhotoFacts {
  try {
    const tiff = tiffOf(bytes);
    if (!tiff) return NOTHING;
    const main = mainEntries(tiff);
    const block = entriesBelow(tiff, main.get(TAG.exifBlock));
    const place = entriesBelow(tiff, main.get(TAG.gpsBlock));
    const taken = textOf(tiff, block.get(TAG.takenAt)) || textOf(tiff, main.get(TAG.dateTime));
    const turn = main.get(TAG.orientation);
    return {
      takenAt: isoOf(taken, textOf(tiff, block.get(TAG.offset))),
      position: positionOf(tiff, place),
      isTurned: turn !== undefined && tiff.view.getUint16(turn + 8, tiff.little) >= 5,
    };
  } catch {
    // A RangeError: the block points outside the bytes at hand.
    return NOTHING;
  }
}

/**
 * The file without its GPS block, same length: for files that are sent as they are. Everything else stays, since the
 * server reads the date.
 */
export function withoutPlace(bytes: ArrayBuffer): ArrayBuffer {
  const copy = bytes.slice(0);
  try {
    const tiff = tiffOf(copy);
    const pointer = tiff ? mainEntries(tiff).get(TAG.gpsBlock) : undefined;
    if (tiff && pointer !== undefined) blank(tiff, pointer);
  } catch {
    // What this reader cannot follow, it cannot blank; the server keeps no metadata in what it shows.
  }
  return copy;
}

function blank({ view, start, little }: Tiff, pointer: number): void {
  const at = start + view.getUint32(pointer + 8, little);
  const count = view.getUint16(at, little);
  const zero = (from: number, length: number) => new Uint8Array(view.buffer, from, length).fill(0);
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * ENTRY;
    const length = (SIZES[view.getUint16(entry + 2, little)] ?? 0) * view.getUint32(entry + 4, little);
    if (length > 4) zero(start + view.getUint32(entry + 8, little), length);
  }
  zero(at, 2 + count * ENTRY);
}

/** Pixels of a JPEG as its header tells them, before any turning; null for other files. */
export function jpegSize(bytes: ArrayBuffer): { width: number; height: number } | null {
  const view = new DataView(bytes);
  try {
    for (const { marker, at } of segments(view)) {
      // SOF0 to SOF15 but for the tables among them (DHT, JPG, DAC).
      const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
      if (isFrame) return { height: view.getUint16(at + 3), width: view.getUint16(at + 5) };
    }
  } catch {
    // Cut short before the frame.
  }
  return null;
}

const HEIF_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/** Whether the first bytes are those of HEIC or HEIF, whatever the file is called. */
export function isHeif(bytes: ArrayBuffer): boolean {
  const head = String.fromCharCode(...new Uint8Array(bytes.slice(4, 12)));
  return head.startsWith("ftyp") && HEIF_BRANDS.includes(head.slice(4));
}

export function isJpeg(bytes: ArrayBuffer): boolean {
  return bytes.byteLength > 3 && new DataView(bytes).getUint16(0) === 0xffd8;
}

/** The segments of a JPEG up to its picture data; `at` is where a segment's length stands. */
function* segments(view: DataView): Generator<{ marker: number; at: number }> {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return;
  let at = 2;
  while (at + 4 <= view.byteLength) {
    const marker = view.getUint16(at);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return;
    yield { marker, at: at + 2 };
    at += 2 + view.getUint16(at + 2);
  }
}

function tiffOf(bytes: ArrayBuffer): Tiff | null {
  const view = new DataView(bytes);
  const start = isHeif(bytes) ? tiffInHeif(bytes) : tiffInJpeg(view);
  return start < 0 ? null : { view, start, little: view.getUint16(start) === 0x4949 };
}

function tiffInJpeg(view: DataView): number {
  for (const { marker, at } of segments(view)) {
    const isExif =
      marker === 0xffe1 &&
      at + 8 <= view.byteLength &&
      view.getUint32(at + 2) === 0x45786966 &&
      view.getUint16(at + 6) === 0;
    if (isExif) return at + 8;
  }
  return -1;
}

/** In HEIF the block lies somewhere in the data; its own beginning, "Exif" and the head of a TIFF, finds it. */
function tiffInHeif(bytes: ArrayBuffer): number {
  const all = new Uint8Array(bytes);
  const view = new DataView(bytes);
  for (let at = all.indexOf(0x45); at >= 0 && at + 14 <= all.length; at = all.indexOf(0x45, at + 1)) {
    if (view.getUint32(at) !== 0x45786966 || view.getUint16(at + 4) !== 0) continue;
    const head = view.getUint32(at + 6);
    if (head === 0x49492a00 || head === 0x4d4d002a) return at + 6;
  }
  return -1;
}

/** The entries of one directory: tag to position of the entry. */
function entriesAt({ view, little }: Tiff, at: number): Entries {
  const entries: Entries = new Map();
  const count = view.getUint16(at, little);
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * ENTRY;
    entries.set(view.getUint16(entry, little), entry);
  }
  return entries;
}

function mainEntries(tiff: Tiff): Entries {
  return entriesAt(tiff, tiff.start + tiff.view.getUint32(tiff.start + 4, tiff.little));
}

function entriesBelow(tiff: Tiff, pointer: number | undefined): Entries {
  if (pointer === undefined) return new Map();
  return entriesAt(tiff, tiff.start + tiff.view.getUint32(pointer + 8, tiff.little));
}

function textOf({ view, start, little }: Tiff, entry: number | undefined): string {
  if (entry === undefined || view.getUint16(entry + 2, little) !== TYPE.ascii) return "";
  const length = view.getUint32(entry + 4, little);
  const at = length <= 4 ? entry + 8 : start + view.getUint32(entry + 8, little);
  const bytes = Array.from({ length }, (_, index) => view.getUint8(at + index));
  return String.fromCharCode(...bytes).replace(/\0.*$/s, "");
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

function positionOf(tiff: Tiff, place: Entries): Position | null {
  const latitude = degreesOf(tiff, place.get(GPS.latitude), 90);
  const longitude = degreesOf(tiff, place.get(GPS.longitude), 180);
  // 0, 0 is what a phone without a fix writes.
  if (latitude === null || longitude === null || (latitude === 0 && longitude === 0)) return null;
  const isSouth = textOf(tiff, place.get(GPS.latitudeRef)).startsWith("S");
  const isWest = textOf(tiff, place.get(GPS.longitudeRef)).startsWith("W");
  return { latitude: isSouth ? -latitude : latitude, longitude: isWest ? -longitude : longitude };
}

/** Degrees, minutes and seconds, three rational numbers, as degrees. */
function degreesOf({ view, start, little }: Tiff, entry: number | undefined, limit: number): number | null {
  if (entry === undefined || view.getUint16(entry + 2, little) !== TYPE.rational) return null;
  const at = start + view.getUint32(entry + 8, little);
  const part = (index: number) =>
    view.getUint32(at + index * 8, little) / view.getUint32(at + index * 8 + 4, little);
  const degrees = part(0) + part(1) / 60 + part(2) / 3600;
  return Number.isFinite(degrees) && degrees <= limit ? degrees : null;
}
