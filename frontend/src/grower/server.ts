import { ApiError, api } from "@/api/client";
import type {
  LocationConsent,
  MyPhoto,
  News,
  Page,
  PhotoReceipt,
  Plot,
  Project,
  Session,
  Site,
  User,
} from "@/api/types";
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
export const readPlots = (slug: string) => remembered<Plot[]>(`/projects/${slug}/my-plots`);
/** The first page is remembered, the others are not. */
export const readMyPhotos = (slug: string, cursor: string | null) =>
  cursor === null
    ? remembered<Page<MyPhoto>>(`/projects/${slug}/my-photos`)
    : api.get<Page<MyPhoto>>(`/projects/${slug}/my-photos`, { cursor });
export const readNews = (slug: string, since: string) =>
  api.get<News>(`/projects/${slug}/my-photos/news`, { since }, { quiet: true });
export const readNewPhotos = (slug: string, since: string) =>
  api.get<Page<MyPhoto>>(`/projects/${slug}/my-photos`, { since });
export const withdraw = (slug: string, id: number) =>
  api.delete<{ outcome: "deleted" | "released" }>(`/projects/${slug}/my-photos/${id}`);
export const dateGiven = (slug: string, id: number, takenAt: string) =>
  api.patch<MyPhoto>(`/projects/${slug}/my-photos/${id}`, { taken_at: takenAt });
export const readConsent = () => api.get<LocationConsent>("/location-consent");
export const giveConsent = (version: number) => api.put<LocationConsent>("/location-consent", { version });
export const withdrawConsent = () => api.delete<{ n_deleted: number }>("/location-consent");

export const setDigest = ({ preferences }: User, isWanted: boolean) =>
  api.patch<Session>("/session", { preferences: { ...preferences, weekly_digest: isWanted } });

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
  const ending = photo.blob?.type === "image/heic" ? "heic" : "jpg";
  if (photo.blob) form.set("file", photo.blob, `${photo.clientId}.${ending}`);
  return form;
}

export const growerServer: GrowerServer = {
  async known(project, sha256s) {
    const path = `/projects/${project}/photos/check`;
    const { known } = await api.post<{ known: { sha256: string; id: number }[] }>(
      path,
      { sha256: sha256s },
      { quiet: true },
    );
    return new Map(known.map(({ sha256, id }) => [sha256, id]));
  },
  async place({ project, siteId, plantId, newSite, newPlant }) {
    // A name that is taken answers with what has it, so that a repeat makes nothing twice.
    const site = newSite ? (await addSite(project, newSite)).id : siteId;
    if (!newPlant || site === null) return { siteId: site, plantId };
    return { siteId: site, plantId: (await addPlant(project, site, newPlant)).id };
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
