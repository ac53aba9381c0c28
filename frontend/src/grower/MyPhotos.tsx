import { useCallback, useState, useSyncExternalStore } from "react";
import type { MyPhoto, Stage } from "@/api/types";
import { DateForm } from "./DateForm";
import { useRepeated } from "./hooks";
import { Icon } from "./Icon";
import { HereRow, SentRow } from "./PhotoRow";
import { HereSheet, SentSheet } from "./PhotoSheet";
import type { GrowerQueue } from "./queue";
import { dateGiven, readMyPhotos } from "./server";
import { t } from "./text";
import type { SeenNews } from "./useNews";

const POLL_MS = 6_000;

interface MyPhotosProps {
  slug: string;
  queue: GrowerQueue;
  stages: Stage[];
  news: SeenNews;
}

/** What was sent, newest first: the first page is read again and again, pages that were opened below stay. */
function useSent(slug: string, arrived: number) {
  const [sent, setSent] = useState<MyPhoto[]>([]);
  const [next, setNext] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads again at once when a photo has arrived
  const refresh = useCallback(async () => {
    try {
      const page = await readMyPhotos(slug, null);
      const oldest = page.results.at(-1)?.id ?? Number.POSITIVE_INFINITY;
      setSent((before) => [...page.results, ...before.filter(({ id }) => id < oldest)]);
      setNext((before) => before ?? page.next);
    } catch {
      // The next round tries again; what is on the page stays.
    }
  }, [slug, arrived]);
  useRepeated(refresh, POLL_MS);
  const more = async () => {
    const page = await readMyPhotos(slug, next);
    setSent((before) => [...before, ...page.results]);
    setNext(page.next);
  };
  return { sent, hasMore: next !== null, more, refresh };
}

/** Step 3: every photo with its state and, once there is one, its answer. */
export function MyPhotos({ slug, queue, stages, news }: MyPhotosProps) {
  const { photos } = useSyncExternalStore(queue.subscribe, queue.getState);
  const arrived = photos.filter(({ state }) => state === "received").length;
  const { sent, hasMore, more, refresh } = useSent(slug, arrived);
  const [opened, setOpened] = useState<string | number | null>(null);

  const known = new Set(sent.flatMap(({ client_id, id }) => [client_id, String(id)]));
  const here = photos
    .filter(({ project }) => project === slug)
    .filter(({ clientId, photoId }) => !known.has(clientId) && !known.has(String(photoId)));
  const fresh = new Set(news.photos.map(({ id }) => id));
  const listed = [...news.photos, ...sent.filter(({ id }) => !fresh.has(id))];
  const hereOpened = here.find(({ clientId }) => clientId === opened);
  const sentOpened = listed.find(({ id }) => id === opened);
  const undatedHere = here.filter(({ state, takenAt }) => state === "waiting" && !takenAt);
  const undated = listed.filter(({ status, taken_at }) => status !== "rejected" && !taken_at);
  const dateAll = async (iso: string) => {
    for (const { clientId } of undatedHere) await queue.update(clientId, { takenAt: iso });
    for (const { id } of undated) await dateGiven(slug, id, iso).finally(() => news.forget(id));
    await refresh();
  };
  return (
    <section className="card" aria-labelledby="done">
      <h2 id="done">
        <i>3</i> {t("done")}
      </h2>
      {here.length + listed.length === 0 ? (
        <p className="empty">
          <Icon name="gallery" size={40} />
          {t("empty")}
        </p>
      ) : null}
      {undatedHere.length + undated.length > 1 ? (
        <DateForm label={t("date.all", { n: undatedHere.length + undated.length })} onDate={dateAll} />
      ) : null}
      <ul className="photos">
        {[...here].reverse().map((photo) => (
          <HereRow key={photo.clientId} photo={photo} onOpen={() => setOpened(photo.clientId)} />
        ))}
        {listed.map((photo) => (
          <SentRow
            key={photo.id}
            photo={photo}
            stages={stages}
            isNew={fresh.has(photo.id)}
            onOpen={() => setOpened(photo.id)}
          />
        ))}
      </ul>
      {hasMore ? (
        <button type="button" onClick={() => void more().catch(() => undefined)}>
          {t("more")}
        </button>
      ) : null}
      {hereOpened ? <HereSheet photo={hereOpened} queue={queue} onClose={() => setOpened(null)} /> : null}
      {sentOpened ? (
        <SentSheet
          slug={slug}
          photo={sentOpened}
          stages={stages}
          onChanged={() => {
            news.forget(sentOpened.id);
            void refresh();
          }}
          onClose={() => setOpened(null)}
        />
      ) : null}
    </section>
  );
}
