/** Background Sync: where the browser has it, the service worker sends what waits after the page was closed. */
export const SYNC_TAG = "antesis-send";

interface SyncManager {
  register(tag: string): Promise<void>;
}

/** Harmless to repeat; without Background Sync the page sends when it is opened. */
export function askToSync(): void {
  void navigator.serviceWorker?.getRegistration("/u/").then(
    (registration) => (registration as { sync?: SyncManager } | undefined)?.sync?.register(SYNC_TAG),
    () => undefined,
  );
}
