import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries } from "@/api/queries";
import type { AdjudicationRow, Settlement } from "@/api/types";
import { type Held, Settling } from "@/lib/settling";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";

/** Somebody else settled the photo, or it is no longer in dispute: it must not come back. */
const OVER = new Set(["adjudication_not_open", "adjudication_not_found", "photo_not_found"]);

/** Settles cases of a project; those settled leave the list at once, and come back when the server does not take it. */
export function useSettling(slug: string) {
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const [held, setHeld] = useState<Held<Settlement> | null>(null);
  const words = useRef(t);
  words.current = t;

  const bringBack = useCallback((photoId: number) => {
    setGone((before) => {
      const next = new Set(before);
      next.delete(photoId);
      return next;
    });
  }, []);

  const settling = useMemo(
    () =>
      new Settling<Settlement>({
        send: ({ id, settlement }, { keepalive }) =>
          api.post<void>(`/projects/${slug}/adjudications/${id}/settle`, settlement, { keepalive }),
        onHeld: setHeld,
        onSent: () => {
          void client.invalidateQueries({ queryKey: queries.project(slug).queryKey, exact: true });
        },
        onFailed: ({ id }, error) => {
          // It comes back into view: nothing may look settled that is not.
          if (!(error instanceof ApiError && OVER.has(error.code))) bringBack(id);
          notifyFailed(describeError(error, words.current));
        },
      }),
    [slug, client, bringBack],
  );

  useEffect(() => {
    const leave = () => settling.flush({ keepalive: true });
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      settling.flush();
    };
  }, [settling]);

  const settle = useCallback(
    (row: AdjudicationRow, settlement: Settlement) => {
      setGone((before) => new Set(before).add(row.photo_id));
      // Positions are those of the stages on the screen, whatever the scale is by the time it is sent.
      const scale = client.getQueryData(queries.project(slug).queryKey)?.scale.id ?? null;
      settling.settle(row.photo_id, { ...settlement, scale });
    },
    [settling, client, slug],
  );
  const undo = useCallback(() => {
    const back = settling.undo();
    if (back) bringBack(back.id);
  }, [settling, bringBack]);

  return useMemo(() => ({ gone, held, settle, undo }), [gone, held, settle, undo]);
}
