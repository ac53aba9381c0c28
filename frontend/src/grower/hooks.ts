import { useEffect, useState } from "react";

/** Whether the phone believes to have a signal. */
export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const change = () => setOnline(navigator.onLine);
    window.addEventListener("online", change);
    window.addEventListener("offline", change);
    return () => {
      window.removeEventListener("online", change);
      window.removeEventListener("offline", change);
    };
  }, []);
  return isOnline;
}

/** Calls `task` now, every `everyMs` while the page is seen, and when it is seen or online again. */
export function useRepeated(task: () => void, everyMs: number): void {
  useEffect(() => {
    const run = () => {
      if (document.visibilityState === "visible" && navigator.onLine) task();
    };
    task();
    const timer = setInterval(run, everyMs);
    window.addEventListener("online", run);
    document.addEventListener("visibilitychange", run);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", run);
      document.removeEventListener("visibilitychange", run);
    };
  }, [task, everyMs]);
}
