import { describe, expect, it } from "vitest";
import { factsOf, isHeif, jpegSize, withoutPlace } from "./exif";

type Rational = [number, number];
type Value = string | number | Rational[];
interface Field {
  tag: number;
  value: Value;
}
interface Blocks {
  main?: Field[];
  exif?: Field[];
  gps?: Field[];
}

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A TIFF structure that holds these fields, as a camera writes it. */
function tiff({ main = [], exif, gps }: Blocks, little: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1000);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  let heap = 500;
  const text = (entry: number, value: string) => {
    const at = value.length < 4 ? entry + 8 : heap;
    view.setUint16(entry + 2, 2, little);
    view.setUint32(entry + 4, value.length + 1, little);
    if (at === heap) view.setUint32(entry + 8, heap, little);
    bytes.set(ascii(value), at);
    if (at === heap) heap += value.length + 1;
  };
  const rationals = (entry: number, values: Rational[]) => {
    view.setUint16(entry + 2, 5, little);
    view.setUint32(entry + 4, values.length, little);
    view.setUint32(entry + 8, heap, little);
    for (const [top, bottom] of values) {
      view.setUint32(heap, top, little);
      view.setUint32(heap + 4, bottom, little);
      heap += 8;
    }
  };
  const store = (entry: number, value: Value) => {
    if (typeof value === "string") return text(entry, value);
    if (typeof value !== "number") return rationals(entry, value);
    view.setUint16(entry + 2, 3, little);
    view.setUint32(entry + 4, 1, little);
    view.setUint16(entry + 8, value, little);
  };
  const directory = (at: number, fields: Field[], pointers: [number, number][]) => {
    view.setUint16(at, fields.length + pointers.length, little);
    let entry = at + 2;
    for (const [tag, pointer] of pointers) {
      view.setUint16(entry, tag, little);
      view.setUint16(entry + 2, 4, little);
      view.setUint32(entry + 4, 1, little);
      view.setUint32(entry + 8, pointer, little);
      entry += 12;
    }
    for (const { tag, value } of fields) {
      view.setUint16(entry, tag, little);
      store(entry, value);
      entry += 12;
    }
  };
  const pointers: [number, number][] = [];
  if (exif) pointers.push([0x8769, 150]);
  if (gps) pointers.push([0x8825, 300]);
  directory(8, main, pointers);
  if (exif) directory(150, exif, []);
  if (gps) directory(300, gps, []);
  return bytes;
}

const joined = (...parts: Uint8Array[]): ArrayBuffer => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
};

function jpeg(blocks: Blocks, little = true): ArrayBuffer {
  const block = tiff(blocks, little);
  const length = block.length + 8;
  const frame = [0xff, 0xc0, 0, 17, 8, 0x0b, 0xd0, 0x0f, 0xc0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  return joined(
    new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255]),
    ascii("Exif\0\0"),
    block,
    new Uint8Array(frame),
  );
}

/** A HEIC file in so far as a reader of its EXIF can tell: brand, other data with a false beginning, the block. */
function heic(blocks: Blocks, little = false): ArrayBuffer {
  const head = joined(new Uint8Array([0, 0, 0, 24]), ascii("ftypheic"), new Uint8Array(300));
  return joined(new Uint8Array(head), ascii("Exif\0\0??Exif\0\0"), tiff(blocks, little), new Uint8Array(50));
}

const TAKEN = { tag: 0x9003, value: "2026:04:18 09:30:05" };
const GPS: Field[] = [
  { tag: 1, value: "S" },
  {
    tag: 2,
    value: [
      [33, 1],
      [30, 1],
      [1800, 100],
    ],
  },
  { tag: 3, value: "W" },
  {
    tag: 4,
    value: [
      [70, 1],
      [45, 1],
      [0, 1],
    ],
  },
];

describe("factsOf", () => {
  it.each([true, false])("reads the time in both byte orders (little: %s)", (little) => {
    expect(factsOf(jpeg({ exif: [TAKEN] }, little)).takenAt).toBe("2026-04-18T09:30:05");
    expect(factsOf(heic({ exif: [TAKEN] }, little)).takenAt).toBe("2026-04-18T09:30:05");
  });

  it("adds the offset only where the camera wrote one", () => {
    const exif = [TAKEN, { tag: 0x9011, value: "+02:00" }];
    expect(factsOf(jpeg({ exif })).takenAt).toBe("2026-04-18T09:30:05+02:00");
  });

  it("falls back to the time of the file", () => {
    const main = [{ tag: 0x0132, value: "2026:05:01 12:00:00" }];
    expect(factsOf(jpeg({ main })).takenAt).toBe("2026-05-01T12:00:00");
  });

  it("finds nothing in zeros, other files and broken blocks", () => {
    const nothing = { takenAt: null, position: null, isTurned: false };
    expect(factsOf(jpeg({ exif: [{ tag: 0x9003, value: "0000:00:00 00:00:00" }] }))).toEqual(nothing);
    expect(factsOf(joined(ascii("not a photo at all")))).toEqual(nothing);
    expect(factsOf(new ArrayBuffer(0))).toEqual(nothing);
    expect(factsOf(jpeg({ exif: [TAKEN], gps: GPS }).slice(0, 150))).toEqual(nothing);
    expect(factsOf(heic({ exif: [TAKEN] }).slice(0, 340))).toEqual(nothing);
  });

  it.each([true, false])("reads the place, south and west negative (little: %s)", (little) => {
    const { position } = factsOf(jpeg({ gps: GPS }, little));
    expect(position?.latitude).toBeCloseTo(-33.505, 6);
    expect(position?.longitude).toBeCloseTo(-70.75, 6);
  });

  it("takes 0, 0 and the impossible for no place", () => {
    const at = (degrees: number): Field[] => [
      {
        tag: 2,
        value: [
          [degrees, 1],
          [0, 1],
          [0, 1],
        ],
      },
      {
        tag: 4,
        value: [
          [degrees, 1],
          [0, 1],
          [0, 1],
        ],
      },
    ];
    expect(factsOf(jpeg({ gps: at(0) })).position).toBeNull();
    expect(factsOf(jpeg({ gps: at(120) })).position).toBeNull();
  });

  it("knows which photos lie on their side", () => {
    expect(factsOf(jpeg({ main: [{ tag: 0x0112, value: 6 }] })).isTurned).toBe(true);
    expect(factsOf(jpeg({ main: [{ tag: 0x0112, value: 3 }] })).isTurned).toBe(false);
  });
});

describe("withoutPlace", () => {
  const numbers = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)];

  it.each([
    ["JPEG", jpeg],
    ["HEIC", heic],
  ])("takes the place out of a %s and leaves the rest", (_, file) => {
    const before = file({ exif: [TAKEN], gps: GPS });
    const untouched = before.slice(0);
    const after = withoutPlace(before);
    expect(factsOf(after)).toEqual({ takenAt: "2026-04-18T09:30:05", position: null, isTurned: false });
    expect(numbers(before)).toEqual(numbers(untouched));
    expect(after.byteLength).toBe(before.byteLength);
    // None of the numbers is left anywhere: 33 and 70 stand in no other place of this file as 32-bit numbers.
    const view = new DataView(after);
    const left = Array.from({ length: after.byteLength - 3 }, (_, at) => view.getUint32(at));
    expect(left.filter((value) => value === 33 || value === 70)).toEqual([]);
  });

  it("leaves other files as they are", () => {
    for (const file of [jpeg({ exif: [TAKEN] }), joined(ascii("plain text")), new ArrayBuffer(0)]) {
      expect(numbers(withoutPlace(file))).toEqual(numbers(file));
    }
  });
});

describe("what a file is", () => {
  it("is told by its first bytes", () => {
    expect(isHeif(heic({}))).toBe(true);
    expect(isHeif(jpeg({}))).toBe(false);
    expect(isHeif(joined(new Uint8Array(4), ascii("ftypisom")))).toBe(false);
  });

  it("has its size in the header of a JPEG", () => {
    expect(jpegSize(jpeg({ exif: [TAKEN] }))).toEqual({ width: 4032, height: 3024 });
    expect(jpegSize(jpeg({}).slice(0, 900))).toBeNull();
    expect(jpegSize(heic({}))).toBeNull();
  });
});
