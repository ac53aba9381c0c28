/** What kind of phone this is, where it makes a difference. */

/** An iPhone or iPad (which says to be a Mac with a touch screen): no install button, no Background Sync. */
export function isApple(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

/** Whether the page was opened from the home screen. */
export function isInstalled(): boolean {
  const isStandalone = (navigator as { standalone?: boolean }).standalone === true;
  return isStandalone || matchMedia("(display-mode: standalone)").matches;
}
