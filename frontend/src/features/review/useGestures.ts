import { type RefObject, useEffect } from "react";
import type { Bench } from "./bench";

const SWIPE_PX = 70;
const WHEEL_SPEED = 0.0022;

type Point = Pick<PointerEvent, "clientX" | "clientY">;

function distance(a: Point, b: Point): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
function middle(a: Point, b: Point): Point {
  return { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
}

/**
 * Fingers and mouse on the photo: wheel and pinch zoom at the point, dragging moves a zoomed photo, a swipe to the left on
 * the whole photo skips it. Every gesture has a key and a button too.
 */
class Gestures {
  private readonly down = new Map<number, Point>();
  private start: Point | null = null;
  private wasPinched = false;

  constructor(private readonly bench: Bench) {}

  press(event: PointerEvent): void {
    this.down.set(event.pointerId, event);
    if (this.down.size === 1) {
      this.start = event;
      this.wasPinched = false;
    } else {
      this.wasPinched = true;
    }
  }

  move(event: PointerEvent): void {
    this.bench.movePointer(event);
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    this.down.set(event.pointerId, event);
    if (other) {
      const ratio = distance(event, other) / Math.max(1, distance(before, other));
      this.bench.zoomAtPointer(ratio, middle(event, other));
    } else if (this.bench.getViewState().isZoomed) {
      this.bench.pan(event.clientX - before.clientX, event.clientY - before.clientY);
    }
  }

  release(event: PointerEvent): void {
    this.down.delete(event.pointerId);
    const { start } = this;
    if (this.down.size > 0 || !start) return;
    this.start = null;
    const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
    const isSwipe = event.pointerType === "touch" && !this.wasPinched && !this.bench.getViewState().isZoomed;
    if (isSwipe && dx < -SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) this.bench.perform("skip");
  }

  cancel(event: PointerEvent): void {
    this.down.delete(event.pointerId);
    this.start = null;
  }
}

export function useGestures(host: RefObject<HTMLElement | null>, bench: Bench): void {
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const closing = new AbortController();
    const { signal } = closing;
    const gestures = new Gestures(bench);
    element.addEventListener("pointerdown", (event) => gestures.press(event), { signal });
    element.addEventListener("pointermove", (event) => gestures.move(event), { signal });
    window.addEventListener("pointerup", (event) => gestures.release(event), { signal });
    window.addEventListener("pointercancel", (event) => gestures.cancel(event), { signal });
    element.addEventListener("dblclick", (event) => bench.toggleActualSize(event), { signal });
    element.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        bench.zoomAtPointer(Math.exp(-event.deltaY * WHEEL_SPEED), event);
      },
      { signal, passive: false },
    );
    return () => closing.abort();
  }, [host, bench]);
}
