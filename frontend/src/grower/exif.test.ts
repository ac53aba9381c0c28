import { describe, expect, it } from "vitest";
import { takenAtOf } from "./exif";

interface Field {
  tag: number;
  text: string;
}

/** Builds a JPEG head with an EXIF block that holds these text fields, as a camera writes it. */
function jpeg(exifFields: Field[], mainFields: Field[] = [], little = true): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(600));
  const tiff = 12;
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, 500);
  view.setUint32(6, 0x45786966);
  view.setUint16(tiff, little ? 0x4949 : 0x4d4d);
  view.setUint16(tiff + 2, 42, little);
  view.setUint32(tiff + 4, 8, little);
  let heap = 250;
  const write = (at: number, fields: Field[], pointer: number | null) => {
    view.setUint16(at, fields.length + (pointer === null ? 0 : 1), little);
    let entry = at + 2;
    if (pointer !== null) {
      view.setUint16(entry, 0x8769, little);
      view.setUint16(entry + 2, 4, little);
      view.setUint32(entry + 4, 1, little);
      view.setUint32(entry + 8, pointer, little);
      entry += 12;
    }
    for (const { tag, text } of fields) {
      view.setUint16(entry, tag, little);
      view.setUint16(entry + 2, 2, little);
      view.setUint32(entry + 4, text.length + 1, little);
      view.setUint32(entry + 8, heap, little);
      for (const [index, char] of [...text].entries()) view.setUint8(tiff + heap + index, char.charCodeAt(0));
      heap += text.length + 1;
      entry += 12;
    }
  };
  write(tiff + 8, mainFields, 120);
  write(tiff + 120, exifFields, null);
  return view.buffer;
}

const TAKEN = { tag: 0x9003, text: "2026:04:18 09:30:05" };

describe("takenAtOf", () => {
  it.each([true, false])("reads the time in both byte orders (little: %s)", (little) => {
    expect(takenAtOf(jpeg([TAKEN], [], little))).toBe("2026-04-18T09:30:05");
  });

  it("adds the offset only where the camera wrote one", () => {
    expect(takenAtOf(jpeg([TAKEN, { tag: 0x9011, text: "+02:00" }]))).toBe("2026-04-18T09:30:05+02:00");
  });

  it("falls back to the time of the file", () => {
    expect(takenAtOf(jpeg([], [{ tag: 0x0132, text: "2026:05:01 12:00:00" }]))).toBe("2026-05-01T12:00:00");
  });

  it("finds nothing in zeros, other files and broken blocks", () => {
    expect(takenAtOf(jpeg([{ tag: 0x9003, text: "0000:00:00 00:00:00" }]))).toBeNull();
    expect(takenAtOf(new TextEncoder().encode("not a photo at all").buffer as ArrayBuffer)).toBeNull();
    expect(takenAtOf(new ArrayBuffer(0))).toBeNull();
    expect(takenAtOf(jpeg([TAKEN]).slice(0, 150))).toBeNull();
  });
});
