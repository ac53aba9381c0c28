/** What can be brought in, and how each is sent: no React in here. */
import type { ImportForm, LabelUse } from "@/api/types";

export const KINDS = [
  "files",
  "folders",
  "zip",
  "table",
  "image_folder",
  "coco",
  "label_studio",
  "doccano",
] as const;

export type Kind = (typeof KINDS)[number];
/** Those that go up as one file, which the server looks into. */
export type ArchiveKind = Exclude<Kind, "files" | "folders">;

interface ArchiveSpec {
  form: ImportForm;
  accept: string;
  use: LabelUse;
}

/** What the server is told each is, which files it can be, and what its labels are taken for unless somebody says. */
export const ARCHIVES: Record<ArchiveKind, ArchiveSpec> = {
  zip: { form: "auto", accept: ".zip", use: "none" },
  table: { form: "table", accept: ".zip,.csv,.tsv,.jsonl,.parquet", use: "prior" },
  image_folder: { form: "image_folder", accept: ".zip", use: "prior" },
  coco: { form: "coco", accept: ".zip,.json", use: "prior" },
  label_studio: { form: "label_studio", accept: ".zip,.json", use: "prior" },
  doccano: { form: "doccano", accept: ".zip", use: "prior" },
};

export function isArchive(kind: Kind): kind is ArchiveKind {
  return kind !== "files" && kind !== "folders";
}

/** An example of the table or tree that a kind needs; the same in every language. */
export const EXAMPLES: Partial<Record<Kind, string>> = {
  folders: "2026/\n  full-bloom/IMG_0001.jpg\n  fruit-set/IMG_0002.jpg",
  zip: "photos.zip\n  full-bloom/IMG_0001.jpg\n  fruit-set/IMG_0002.jpg",
  table: "path,label,plant,site,taken_at\na.jpg,full-bloom,Tree 4,North,2026-04-02T10:30",
  image_folder: 'data.zip\n  metadata.jsonl  {"file_name": "a.jpg", "label": "full-bloom"}\n  a.jpg',
  coco: "coco.zip\n  annotations.json\n  images/a.jpg",
  label_studio: "export.zip\n  project-1.json\n  images/a.jpg",
  doccano: "doccano.zip\n  all.jsonl\n  images/a.jpg",
};
