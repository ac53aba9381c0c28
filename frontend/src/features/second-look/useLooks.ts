import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "@/api/client";
import { queries, type SecondLookFilters } from "@/api/queries";
import type { SecondLookRow, SecondLookSettlement } from "@/api/types";
import { type Held, Settling } from "@/lib/settling";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { following, stepped } from "./doubt";

/** Somebody else looked at the photo, or its label is another by now: it must not come back. */
const OVER = new Set(["second_look_settled", "second_look_not_found", "label_changed", "photo_not_found"]);
/** The next page is fetched while this many are left. */
const FEW = 5;

/** The ranked list, which of it is looked at, and settling: what is settled leaves at once and can be taken back a moment. */
export function useLooks(slug: string, filters: SecondLookFilters) {
  const list = useInfiniteQuery(queries.secondLooks(slug, filters));
  const { gone, held, settle: send, undo: takeBack } = useSent(slug);
  const [chosen, setChosen] = useState<number | null>(null);
  const all = useMemo(() => list.data?.pages.flatMap((page) => page.results) ?? [], [list.data]);
  const rows = useMemo(() => all.filter((row) => !gone.has(row.id)), [all, gone]);
  const ids = useMemo(() => rows.map((row) => row.id), [rows]);
  const current = rows.find((row) => row.id === chosen) ?? rows[0] ?? null;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const place = current ? ids.indexOf(current.id) : 0;

  useEffect(() => {
    if (ids.length - place < FEW && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [ids.length, place, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const settle = useCallback(
    (row: SecondLookRow, settlement: SecondLookSettlement) => {
      setChosen(following(ids, row.id));
      send(row.id, settlement);
    },
    [ids, send],
  );
  const undo = useCallback(() => {
    const back = takeBack();
    if (back !== null) setChosen(back);
  }, [takeBack]);
  const step = useCallback(
    (by: 1 | -1) => setChosen(stepped(ids, current?.id ?? null, by)),
    [ids, current?.id],
  );
  return { list, rows, current, place, held, settle, undo, step, choose: setChosen };
}

export type Looks = ReturnType<typeof useLooks>;

/** Sends what is settled, after a moment in which it can be taken back. */
function useSent(slug: string) {
  const client = useQueryClient();
  const { t } = useTranslation("errors");
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const [held, setHeld] = useState<Held<SecondLookSettlement> | null>(null);
  const words = useRef(t);
  words.current = t;

  const bringBack = useCallback((id: number) => {
    setGone((before) => new Set([...before].filter((other) => other !== id)));
  }, []);

  const settling = useMemo(
    () =>
      new Settling<SecondLookSettlement>({
        send: ({ id, settlement }, { keepalive }) =>
          api.post<void>(`/projects/${slug}/second-look/${id}/settle`, settlement, { keepalive }),
        onHeld: setHeld,
        onSent: () => {
          void client.invalidateQueries({ queryKey: queries.secondLookSummary(slug).queryKey });
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
    (id: number, settlement: SecondLookSettlement) => {
      setGone((before) => new Set(before).add(id));
      settling.settle(id, settlement);
    },
    [settling],
  );
  const undo = useCallback(() => {
    const back = settling.undo();
    if (back) bringBack(back.id);
    return back?.id ?? null;
  }, [settling, bringBack]);
  return { gone, held, settle, undo };
}
