import { describe, expect, it } from "vitest";
import type { ExportFormat } from "@/api/types";
import { FIRST_ORDER, inFormat, streamUrl } from "./order";

const spec = (parts: Partial<ExportFormat>): ExportFormat => ({
  name: "csv",
  units: ["consensus", "annotation"],
  photos: ["none", "view"],
  is_stages_only: false,
  is_streamed: true,
  ...parts,
});

describe("inFormat", () => {
  it("keeps the rows that the format allows", () => {
    const order = { ...FIRST_ORDER, unit: "annotation" as const };
    expect(inFormat(order, spec({})).unit).toBe("annotation");
    expect(inFormat(order, spec({ name: "image_folder", units: ["consensus"] })).unit).toBe("consensus");
  });

  it("takes photos as the format likes them best, and keeps the rest", () => {
    const order = { ...FIRST_ORDER, has_names: true, licence: "CC0" };
    const next = inFormat(order, spec({ name: "tfrecord", photos: ["model", "original"] }));
    expect(next).toEqual({ ...order, format: "tfrecord", photos: "model" });
  });
});

describe("streamUrl", () => {
  it("is there for tables without photos only", () => {
    expect(streamUrl("o", FIRST_ORDER, spec({ is_streamed: false }))).toBeNull();
    expect(streamUrl("o", { ...FIRST_ORDER, photos: "view" }, spec({}))).toBeNull();
    expect(streamUrl("o", { ...FIRST_ORDER, has_names: true }, spec({}))).toBe(
      "/api/v1/projects/o/exports/stream?table=csv&unit=consensus&has_places=false&has_names=true",
    );
  });
});
