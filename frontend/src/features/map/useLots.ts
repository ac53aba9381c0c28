import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { LotAct, LotApplied, LotResult } from "@/api/types";
import { Settling } from "@/lib/settling";
import { uuid } from "@/lib/uuid";
import { notifyFailed } from "@/ui/notify";
import { describeError } from "@/ui/Problem";
import { type Lot, type LotsDone, portions, summed } from "./lots";

/** Answers of one request of the bench. */
const UNDO_PORTION = 50;
const PORTION_TIMEOUT_MS = 120_000;

/** One act on the photos of each stage: "confirm" names several stages, the others one or none. */
export interface Act {
  act: LotAct;
  parts: { stage: number | null; photoIds: number[] }[];
}

export interface LotsState {
  /** Decided, and not sent yet: it can be taken back. */
  held: { n: number } | null;
  /** Photos sent of those to be sent, while it goes on. */
  sending: { sent: number; n: number } | null;
  last: LotsDone | null;
}

/** Holds an act back for a moment, sends it in portions, and remembers what can still be undone. */
export function useLots(slug: string, onChanged: () => void) {
  const { t } = useTranslation("errors");
  const [state, setState] = useState<LotsState>({ held: null, sending: null, last: null });
  const latest = useRef({ t, onChanged });
  const takenBack = useRef<() => void>(() => undefined);
  latest.current = { t, onChanged };

  const send = useCallback(
    async (lots: readonly Lot[]) => {
      const n = lots.reduce((sum, lot) => sum + lot.photoIds.length, 0);
      const results: LotResult[] = [];
      try {
        for (const lot of lots) {
          setState((before) => ({ ...before, sending: { sent: results.length, n } }));
          const body = { key: lot.key, act: lot.act, photo_ids: lot.photoIds, stage: lot.stage };
          const path = `/projects/${slug}/lots`;
          const answer = await api.post<LotApplied>(path, body, { timeoutMs: PORTION_TIMEOUT_MS });
          results.push(...answer.results);
        }
      } finally {
        setState({ held: null, sending: null, last: summed(results) });
        latest.current.onChanged();
      }
    },
    [slug],
  );

  const settling = useMemo(
    () =>
      new Settling<Lot[]>({
        send: ({ settlement }) => send(settlement),
        onHeld: (held) =>
          setState((before) => ({
            ...before,
            held: held ? { n: held.settlement.reduce((sum, lot) => sum + lot.photoIds.length, 0) } : null,
          })),
        onSent: () => undefined,
        onFailed: (_, error) => notifyFailed(describeError(error, latest.current.t)),
      }),
    [send],
  );
  useEffect(() => {
    const leave = () => settling.flush();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      settling.flush();
    };
  }, [settling]);

  const apply = useCallback(
    ({ act, parts }: Act, bringBack: () => void) => {
      takenBack.current = bringBack;
      setState((before) => ({ ...before, last: null }));
      settling.settle(
        0,
        parts.flatMap((part) => portions(act, part.stage, part.photoIds, uuid)),
      );
    },
    [settling],
  );

  const undo = useCallback(async () => {
    if (settling.undo()) {
      takenBack.current();
      return;
    }
    const decisions = state.last?.decisions ?? [];
    setState((before) => ({ ...before, last: null }));
    try {
      for (let start = 0; start < decisions.length; start += UNDO_PORTION) {
        const body = decisions.slice(start, start + UNDO_PORTION).map((it) => ({
          key: uuid(),
          kind: "undo",
          photo_id: it.photoId,
          undoes: it.key,
          mode: "grid",
          decided_at: new Date().toISOString(),
        }));
        await api.post(`/projects/${slug}/decisions`, { decisions: body });
      }
    } catch (error) {
      notifyFailed(describeError(error, latest.current.t));
    }
    latest.current.onChanged();
  }, [settling, state.last, slug]);

  const sendNow = useCallback(() => settling.flush(), [settling]);
  return { ...state, apply, undo, sendNow };
}

export type Lots = ReturnType<typeof useLots>;
