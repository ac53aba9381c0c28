import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Session, User } from "@/api/types";
import { Capture } from "./Capture";
import { MyPhotos } from "./MyPhotos";
import { GrowerQueue, type GrowerQueueState, openGrowerDatabase } from "./queue";
import { SignIn } from "./SignIn";
import { growerServer } from "./server";
import { plural, t } from "./text";
import { type Place, Where } from "./Where";

interface HomeProps {
  user: User;
  slug: string;
  onSession: (session: Session) => void;
}

/** Three steps on one page: where, photos, and what became of them. */
export function Home({ user, slug, onSession }: HomeProps) {
  const queue = useMemo(() => new GrowerQueue(openGrowerDatabase(), user.id, growerServer), [user.id]);
  const state = useSyncExternalStore(queue.subscribe, queue.getState);
  const [place, setPlace] = useState<Place>({ siteId: null, plantId: null, name: "" });
  useEffect(() => {
    const wake = () => document.visibilityState === "visible" && queue.wake();
    void queue.start();
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    // Asks the browser not to clear photos that wait; it may decline.
    void navigator.storage?.persist?.();
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      queue.close();
    };
  }, [queue]);
  const signedIn = (session: Session) => {
    onSession(session);
    queue.wake();
  };
  return (
    <>
      {state.phase === "signed_out" ? (
        <>
          <p className="notice">{t("signedOut")}</p>
          <SignIn onSession={signedIn} />
        </>
      ) : null}
      <Where slug={slug} onPlace={setPlace} />
      <Capture queue={queue} userId={user.id} slug={slug} place={place} />
      <Sending state={state} unsent={queue.unsent} />
      <MyPhotos slug={slug} queue={queue} />
    </>
  );
}

/** Plainly: is everything sent, and if not, is it safe. */
function Sending({ state, unsent }: { state: GrowerQueueState; unsent: number }) {
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
  let why = "";
  if (!isOnline) why = t("offline");
  else if (state.phase === "waiting") why = t("waiting");
  if (unsent === 0 && !why && state.photos.length === 0) return null;
  return (
    <p className="notice" role="status" data-held={unsent > 0 || undefined} data-unsent={unsent}>
      <strong>{unsent > 0 ? plural("unsent", unsent) : t("allSent")}</strong> {why}
    </p>
  );
}
