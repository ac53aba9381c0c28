import { useEffect, useRef, useState } from "react";
import { type Pace, PaceMeter } from "@/lib/pace";

const EVERY_MS = 1000;

/** How fast `done` nears `total` while somebody looks; null when it cannot be told yet or nothing moves. */
export function usePace(done: number, total: number, isLive: boolean): Pace | null {
  const meter = useRef(new PaceMeter());
  const latest = useRef({ done, total });
  latest.current = { done, total };
  const [pace, setPace] = useState<Pace | null>(null);
  useEffect(() => {
    if (!isLive) return;
    const look = () => {
      meter.current.look(latest.current.done, Date.now());
      setPace(meter.current.pace(latest.current.total));
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      clearInterval(timer);
      meter.current = new PaceMeter();
      setPace(null);
    };
  }, [isLive]);
  return pace;
}
