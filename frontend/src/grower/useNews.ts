import { useCallback, useState } from "react";
import type { MyPhoto } from "@/api/types";
import { useRepeated } from "./hooks";
import { readNewPhotos, readNews } from "./server";

const POLL_MS = 60_000;

export interface SeenNews {
  /** How many answers came that were not looked at yet. */
  count: number;
  /** Those that were just asked for: first in the list, marked as new. */
  photos: MyPhoto[];
  see: () => Promise<void>;
  /** Its row has changed: leave it to the list. */
  forget: (id: number) => void;
}

/** Answers since the last look on this phone. The first visit has none: there was nothing to wait for. */
export function useNews(userId: number, slug: string): SeenNews {
  const key = `antesis.grower.seen.${userId}.${slug}`;
  const [count, setCount] = useState(0);
  const [until, setUntil] = useState("");
  const [photos, setPhotos] = useState<MyPhoto[]>([]);
  const seen = useCallback(() => {
    const kept = localStorage.getItem(key) ?? new Date().toISOString();
    localStorage.setItem(key, kept);
    return kept;
  }, [key]);
  const poll = useCallback(() => {
    readNews(slug, seen()).then(
      (news) => {
        setCount(news.answered + news.rejected);
        setUntil(news.until);
      },
      () => undefined,
    );
  }, [slug, seen]);
  useRepeated(poll, POLL_MS);
  const see = async () => {
    const page = await readNewPhotos(slug, seen());
    setPhotos(page.results);
    setCount(0);
    localStorage.setItem(key, until);
  };
  const forget = (id: number) => setPhotos((before) => before.filter((photo) => photo.id !== id));
  return { count, photos, see, forget };
}
