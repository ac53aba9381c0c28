/** What is asked of an export, kept to what its format allows: no React in here. */
import { apiUrl } from "@/api/client";
import type { ExportFormat, ExportOrder, ExportRow } from "@/api/types";

export const FORMATS = [
  "csv",
  "jsonl",
  "parquet",
  "coco",
  "label_studio",
  "image_folder",
  "tfrecord",
  "npn",
] as const satisfies readonly ExportFormat["name"][];

export const FIRST_ORDER: ExportOrder = {
  format: "csv",
  unit: "consensus",
  photos: "none",
  has_places: false,
  has_names: false,
  licence: "",
};

/** The same order in another format: rows stay what they are if they may; photos are as the format likes them best. */
export function inFormat(order: ExportOrder, spec: ExportFormat): ExportOrder {
  const unit = spec.units.includes(order.unit) ? order.unit : (spec.units[0] ?? "consensus");
  return { ...order, format: spec.name, unit, photos: spec.photos[0] ?? "none" };
}

/** The order that an earlier export was made by. */
export function orderOf(row: ExportRow): ExportOrder {
  const { format, unit, photos, has_places, has_names, licence } = row;
  return { format, unit, photos, has_places, has_names, licence };
}

/** Where a table without photos can be had at once, without card and hash; null when a worker has to make it. */
export function streamUrl(slug: string, order: ExportOrder, spec: ExportFormat): string | null {
  if (!spec.is_streamed || order.photos !== "none") return null;
  const { unit, has_places, has_names } = order;
  return apiUrl(`/projects/${slug}/exports/stream`, { table: order.format, unit, has_places, has_names });
}

export function downloadUrl(slug: string, id: number): string {
  return apiUrl(`/projects/${slug}/exports/${id}/download`);
}

export function historyUrl(slug: string, format: "csv" | "jsonl"): string {
  return apiUrl(`/projects/${slug}/history/export`, { format });
}
