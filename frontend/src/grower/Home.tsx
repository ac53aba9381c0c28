import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Session, Stage, User } from "@/api/types";
import { Account } from "./Account";
import { Capture } from "./Capture";
import { ConsentQuestion, ConsentSetting } from "./ConsentCard";
import { ConsentStore } from "./consent";
import { Digest } from "./Digest";
import { Icon } from "./Icon";
import { Install } from "./Install";
import { MyPhotos } from "./MyPhotos";
import { Plots } from "./Plots";
import type { Place } from "./places";
import { GrowerQueue, openGrowerDatabase } from "./queue";
import { Sending } from "./Sending";
import { SignIn } from "./SignIn";
import { growerServer, readProject } from "./server";
import { askToSync } from "./sync";
import { plural, t } from "./text";
import { useNews } from "./useNews";
import { Where } from "./Where";

interface HomeProps {
  user: User;
  slug: string;
  isExpert: boolean;
  hasEmail: boolean;
  onSession: (session: Session) => void;
}

const PHOTOS = "#photos";
const PLOTS = "#plots";
const NOWHERE: Place = { siteId: null, plantId: null, newSite: undefined, newPlant: undefined, name: "" };

/** Which of the two pages; in the address, so that the phone's back button works. */
function useTab(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const change = () => setHash(location.hash);
    window.addEventListener("hashchange", change);
    return () => window.removeEventListener("hashchange", change);
  }, []);
  return hash;
}

/** Opens what waits on this phone, and goes on sending whenever there is a chance. */
function useQueue(userId: number, consent: ConsentStore): GrowerQueue {
  const queue = useMemo(() => new GrowerQueue(openGrowerDatabase(), userId, growerServer), [userId]);
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState !== "visible") return;
      // Consent first: what it says holds for the photos that follow.
      void consent
        .settle()
        .catch(() => undefined)
        .then(() => queue.wake());
    };
    void consent
      .settle()
      .catch(() => undefined)
      .then(() => queue.start());
    let asked = 0;
    const unsubscribe = queue.subscribe(() => {
      if (queue.unsent > asked) void askToSync();
      asked = queue.unsent;
    });
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      unsubscribe();
      queue.close();
    };
  }, [queue, consent]);
  return queue;
}

/** Three steps on one page: where, photos, and what became of them. On the other, the plots through time. */
export function Home({ user, slug, isExpert, hasEmail, onSession }: HomeProps) {
  const consent = useMemo(() => new ConsentStore(user.id), [user.id]);
  const queue = useQueue(user.id, consent);
  const state = useSyncExternalStore(queue.subscribe, queue.getState);
  const [place, setPlace] = useState(NOWHERE);
  const [stages, setStages] = useState<Stage[]>([]);
  const isPlots = useTab() === PLOTS;
  const news = useNews(user.id, slug);
  useEffect(() => {
    readProject(slug).then(
      (project) => setStages(project.scale.stages),
      () => undefined,
    );
  }, [slug]);
  const signedIn = (session: Session) => {
    onSession(session);
    queue.wake();
  };
  const arrived = state.photos.filter((photo) => photo.state === "received").length;
  return (
    <>
      {state.phase === "signed_out" ? (
        <>
          <p className="sending" data-held>
            {t("sending.signedOut")}
          </p>
          <SignIn onSession={signedIn} />
        </>
      ) : null}
      <Sending queue={queue} state={state} />
      {news.count > 0 ? (
        <p className="news" role="status">
          <Icon name="spark" />
          <b>{plural("news", news.count)}</b>
          <button type="button" onClick={() => void news.see().catch(() => undefined)}>
            {t("newsSee")}
          </button>
        </p>
      ) : null}
      {isPlots ? <Plots slug={slug} stages={stages} /> : null}
      {/* Stays while the plots are looked at: photos may be on their way into it. */}
      <div className="stack" hidden={isPlots}>
        <Where slug={slug} arrived={arrived} onPlace={setPlace} />
        <Capture queue={queue} consent={consent} userId={user.id} slug={slug} place={place} />
        {state.photos.length > 0 ? <ConsentQuestion consent={consent} queue={queue} /> : null}
        <MyPhotos slug={slug} queue={queue} stages={stages} news={news} />
        <ConsentSetting consent={consent} queue={queue} />
        <Install />
        {isExpert ? (
          <p className="center">
            <a href={`/p/${slug}/review`}>{t("bench")}</a>
          </p>
        ) : null}
        {hasEmail ? <Digest user={user} onSession={onSession} /> : null}
        <Account user={user} unsent={queue.unsent} />
      </div>
      <Tabs isPlots={isPlots} />
    </>
  );
}

function Tabs({ isPlots }: { isPlots: boolean }) {
  return (
    <nav className="tabs" aria-label={t("tabs.label")}>
      <a href={PHOTOS} aria-current={isPlots ? undefined : "page"}>
        <Icon name="camera" />
        {t("tabs.send")}
      </a>
      <a href={PLOTS} aria-current={isPlots ? "page" : undefined}>
        <Icon name="chart" />
        {t("tabs.plots")}
      </a>
    </nav>
  );
}
