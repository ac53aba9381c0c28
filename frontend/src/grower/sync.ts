/** Background Sync: where the browser has it, the service worker sends what waits after the page was closed. */
export const SYNC_TAG = "antesis-send";

interface SyncManager {
  register(tag: string): Promise<void>;
}

/** Harmless to repeat; where the browser has no Background Sync, or forbids it, the page sends when it is opened. */
export async function askToSync(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/u/");
    await (registration as { sync?: SyncManager } | undefined)?.sync?.register(SYNC_TAG);
  } catch {
    // Forbidden by the person or by the browser.
  }
}
