/**
 * The growers' page without a network: keeps the page and its files, and sends the photos that wait when the browser
 * says that there is a signal again (Background Sync), even with the page closed. The API is never answered from here.
 *
 * `self.__P` is put in front by the build: a version that changes with any file, and the files.
 */
import { SYNC_TAG } from "@/grower/sync";
import { sendWaiting } from "./sendWaiting";

const worker = self as unknown as ServiceWorkerGlobalScope & { __P: { version: string; files: string[] } };
const { version, files } = worker.__P;
const PAGE = "/u/";
const CACHE = `antesis-u-${version}`;

worker.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([PAGE, ...files]);
    await worker.skipWaiting();
  };
  event.waitUntil(keep());
});

worker.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("antesis-u-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(clean());
});

async function pageOrKept(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

async function keptOrFetched(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate") event.respondWith(pageOrKept(request));
  else if (files.includes(pathname)) event.respondWith(keptOrFetched(request));
});

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

worker.addEventListener("sync", ((event: SyncEvent) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sendWaiting());
}) as EventListener);
