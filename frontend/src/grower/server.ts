import { ApiError, api } from "@/api/client";
import type { MyPhoto, Page, PhotoReceipt, Project, Session, Site } from "@/api/types";
import type { GrowerServer, QueuedPhoto, UploadAnswer } from "./queue";

const UPLOAD_TIMEOUT_MS = 120_000;

/** Reads `path`; without a connection answers what was read last, so that the page works in the field. */
async function remembered<T>(path: string): Promise<T> {
  const key = `antesis.grower${path}`;
  try {
    const fresh = await api.get<T>(path);
    localStorage.setItem(key, JSON.stringify(fresh));
    return fresh;
  } catch (error) {
    const old = localStorage.getItem(key);
    if (error instanceof ApiError && error.isTransient && old) return JSON.parse(old) as T;
    throw error;
  }
}

export const readSession = () => remembered<Session>("/session");
export const readProject = (slug: string) => remembered<Project>(`/projects/${slug}`);
export const readSites = (slug: string) => remembered<Site[]>(`/projects/${slug}/sites`);
export const signIn = (email: string, password: string) => api.post<Session>("/session", { email, password });
export const addSite = (slug: string, name: string) => api.post<Site>(`/projects/${slug}/sites`, { name });
export const addPlant = (slug: string, siteId: number, name: string) =>
  api.post<{ id: number; name: string }>(`/projects/${slug}/sites/${siteId}/plants`, { name });
export const readMyPhotos = (slug: string, cursor: string | null) =>
  api.get<Page<MyPhoto>>(`/projects/${slug}/my-photos`, { cursor });

/** Signs out and forgets what the page remembered; photos that wait stay for their owner. */
export async function signOut(): Promise<void> {
  await api.delete("/session");
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("antesis.grower/")) localStorage.removeItem(key);
  }
}

function formOf(photo: QueuedPhoto): FormData {
  const form = new FormData();
  form.set("client_id", photo.clientId);
  if (photo.siteId !== null) form.set("site", String(photo.siteId));
  if (photo.plantId !== null) form.set("plant", String(photo.plantId));
  if (photo.takenAt) form.set("taken_at", photo.takenAt);
  if (photo.location) {
    form.set("latitude", String(photo.location.latitude));
    form.set("longitude", String(photo.location.longitude));
    form.set("consent_version", String(photo.location.consentVersion));
  }
  if (photo.blob) form.set("file", photo.blob, `${photo.clientId}.jpg`);
  return form;
}

export const growerServer: GrowerServer = {
  async known(project, sha256) {
    const path = `/projects/${project}/photos/check`;
    const { known } = await api.post<{ known: { sha256: string; id: number }[] }>(
      path,
      { sha256: [sha256] },
      { quiet: true },
    );
    return known[0]?.id ?? null;
  },
  async upload(photo): Promise<UploadAnswer> {
    try {
      const receipt = await api.postForm<PhotoReceipt>(`/projects/${photo.project}/photos`, formOf(photo), {
        quiet: true,
        timeoutMs: UPLOAD_TIMEOUT_MS,
      });
      return { kind: "received", receipt };
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTransient) return { kind: "lost" };
      // 403 is a lost session or a stale CSRF token, both cured by signing in.
      if (error.status === 401 || error.status === 403) return { kind: "signed_out" };
      return { kind: "refused", code: error.code };
    }
  },
};
