import { queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "@/api/client";
import { isMoving } from "@/api/queries";
import type { ModelExport } from "@/api/types";

export const EXPORT_FORMATS = ["tflite", "onnx", "keras", "saved_model"] as const;

export function exportsAddress(slug: string, version: string): string {
  return `/projects/${slug}/model-versions/${version}/exports`;
}

/** The file of an export, as a plain link: the browser resumes a download by itself. */
export function exportFileUrl(slug: string, version: string, id: number): string {
  return apiUrl(`${exportsAddress(slug, version)}/${id}/download`);
}

export function modelExports(slug: string, version: string) {
  return queryOptions({
    queryKey: ["project", slug, "models", version, "exports"],
    queryFn: () => api.get<ModelExport[]>(exportsAddress(slug, version)),
    refetchInterval: (query) => (query.state.data?.some((row) => isMoving(row.state)) ? 1500 : false),
  });
}
