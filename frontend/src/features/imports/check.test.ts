import { describe, expect, it, vi } from "vitest";
import type { Stage } from "@/api/types";
import { type CheckOptions, checkFiles, type Picked, refusedCsv, sniffed } from "./check";

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
const stage = (position: number, slug: string, name_es: string) =>
  ({ position, slug, name_es, name_en: slug }) as Stage;
const STAGES = [stage(0, "bud", "Yema"), stage(1, "full-bloom", "Plena floración")];

const picked = (path: string, ...parts: BlobPart[]): Picked => ({
  path,
  file: new File(parts, path.split("/").at(-1) ?? "", { type: "" }),
});

const options = (parts: Partial<CheckOptions> = {}): CheckOptions => ({
  stages: STAGES,
  byFolder: true,
  known: async () => new Set(),
  hash: null,
  ...parts,
});

describe("checkFiles", () => {
  it("finds the stage in the innermost folder that names one, in any spelling", async () => {
    const { planned, folders } = await checkFiles(
      [picked("2026/Plena Floración/a.jpg", JPEG), picked("bud/tree 4/b.jpg", JPEG), picked("c.jpg", JPEG)],
      options(),
    );
    expect(planned.map((row) => row.stage)).toEqual(["full-bloom", "bud", ""]);
    expect(folders.map(({ name, count }) => [name, count])).toEqual([
      ["Plena Floración", 1],
      ["bud", 1],
    ]);
  });

  it("refuses what the server would, each for its reason", async () => {
    const { planned, refused } = await checkFiles(
      [
        picked("bud/a.jpg", "<html>"),
        picked("bud/b.jpg"),
        picked("bud/c.gif", "GIF89a"),
        picked("elsewhere/d.jpg", JPEG),
        picked("bud/e.jpg", JPEG),
      ],
      options(),
    );
    expect(refused.map(({ code }) => code)).toEqual([
      "not_an_image",
      "empty",
      "unsupported",
      "unknown_label",
    ]);
    expect(planned.map(({ path }) => path)).toEqual(["bud/e.jpg"]);
  });

  it("takes folders as they come when they name nothing", async () => {
    const { planned } = await checkFiles([picked("elsewhere/d.jpg", JPEG)], options({ byFolder: false }));
    expect(planned.map((row) => row.stage)).toEqual([""]);
  });

  it("leaves out without a word what systems put beside photos", async () => {
    const names = ["bud/.DS_Store", "bud/Thumbs.db", "__MACOSX/bud/a.jpg", "labels.csv"];
    const { planned, refused } = await checkFiles(
      names.map((name) => picked(name, "x")),
      options(),
    );
    expect([planned, refused]).toEqual([[], []]);
  });

  it("knows what the project has, and what is chosen twice", async () => {
    const hash = async (file: File) => `hash of ${file.size}`;
    const known = vi.fn(async () => new Set(["hash of 5"]));
    const { planned } = await checkFiles(
      [picked("a.jpg", JPEG), picked("b.jpg", JPEG), picked("c.jpg", JPEG, "x")],
      options({ byFolder: false, hash, known }),
    );
    expect(planned.map((row) => row.isKnown)).toEqual([false, true, true]);
    expect(known).toHaveBeenCalledExactlyOnceWith(["hash of 4", "hash of 5"]);
  });
});

describe("sniffed", () => {
  it.each([
    ["RIFF....WEBPVP8 ", ""],
    ["....ftypheic", ""],
    ["....ftypavif", "unsupported"],
    ["\x89PNG\r\n\x1a\n", ""],
    ["PK\x03\x04", "not_an_image"],
  ])("%j", (head, code) => {
    expect(sniffed(Uint8Array.from(head, (character) => character.charCodeAt(0)))).toBe(code);
  });
});

describe("refusedCsv", () => {
  it("keeps names from acting as formulas", () => {
    const text = refusedCsv([{ path: '=cmd"x".jpg', code: "empty" }], () => "Vacío");
    expect(text).toBe('\ufeffname,code,message\r\n"\'=cmd""x"".jpg","empty","Vacío"\r\n');
  });
});
