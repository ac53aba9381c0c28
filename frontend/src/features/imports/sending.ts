/** An open import on the server and the queue that sends files into it: no React in here. */
import { api } from "@/api/client";
import type { Import, LabelUse, PhotoReceipt } from "@/api/types";
import { upload } from "@/api/upload";
import { type FileToSend, Uploads } from "./uploads";

export interface Choices {
  use: LabelUse;
  source: string;
  /** Slug of the stage that all files show, where their folders do not say; empty when unknown. */
  stage: string;
  site: string;
}

export interface OpenUploads {
  importId: number;
  uploads: Uploads;
  files: readonly FileToSend[];
}

/** Opens the import; the files are sent by `uploads.run(files)`. */
export async function openUploads(
  slug: string,
  name: string,
  choices: Choices,
  files: readonly FileToSend[],
): Promise<OpenUploads> {
  const form = new FormData();
  form.set("name", name);
  form.set("label_use", choices.use);
  if (choices.use === "prior") form.set("label_source", choices.source.trim() || name);
  const batch = await api.postForm<Import>(`/projects/${slug}/imports`, form);
  const uploads = new Uploads((file, clientId, onProgress, signal) => {
    const body = new FormData();
    body.set("file", file.file);
    body.set("client_id", clientId);
    body.set("import_batch", String(batch.id));
    const stage = file.stage || choices.stage;
    if (choices.use !== "none" && stage) body.set("stage", stage);
    if (choices.site) body.set("site", choices.site);
    return upload<PhotoReceipt>(`/projects/${slug}/photos`, body, { onProgress, signal });
  });
  return { importId: batch.id, uploads, files };
}
