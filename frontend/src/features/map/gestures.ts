/** What hands do to the map: drag, pinch, wheel, and a line drawn around points. */
import type { Spot } from "./camera";

export interface GestureEvents {
  onPan(dx: number, dy: number): void;
  onZoom(at: Spot, factor: number): void;
  /** A mouse that rests or moves over the map, or a tap; null when it leaves. */
  onPoint(at: Spot | null): void;
  /** The line so far. */
  onLine(line: readonly Spot[]): void;
  onLasso(line: readonly Spot[], how: "replace" | "add" | "remove"): void;
}

const TAP_PIXELS = 5;

/**
 * Drag pans, or draws a line when the tool is "lasso" or Shift is held; two fingers always pan and zoom. Shift adds to
 * what is selected, Alt takes away from it.
 */
export class Gestures {
  tool: "pan" | "lasso" = "pan";
  private readonly fingers = new Map<number, Spot>();
  private line: Spot[] = [];
  private isDrawing = false;
  private travelled = 0;
  private readonly ending = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    private readonly events: GestureEvents,
  ) {
    const { signal } = this.ending;
    host.addEventListener("pointerdown", (event) => this.down(event), { signal });
    host.addEventListener("pointermove", (event) => this.moved(event), { signal });
    host.addEventListener("pointerup", (event) => this.up(event), { signal });
    host.addEventListener("pointercancel", (event) => this.cancelled(event), { signal });
    host.addEventListener("pointerleave", () => this.fingers.size === 0 && events.onPoint(null), { signal });
    host.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
  }

  close(): void {
    this.ending.abort();
  }

  private spot(event: MouseEvent): Spot {
    const { left, top } = this.host.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button > 1) return;
    const at = this.spot(event);
    this.host.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, at);
    this.travelled = this.fingers.size > 1 ? Number.POSITIVE_INFINITY : 0;
    const wantsLine = (this.tool === "lasso" || event.shiftKey) && event.button === 0;
    this.isDrawing = wantsLine && this.fingers.size === 1;
    this.line = this.isDrawing ? [at] : [];
    if (!this.isDrawing) this.events.onLine([]);
  }

  private moved(event: PointerEvent): void {
    const at = this.spot(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.events.onPoint(at);
      return;
    }
    this.travelled += Math.hypot(at.x - before.x, at.y - before.y);
    if (this.isDrawing) {
      this.line.push(at);
      this.events.onLine(this.line);
    } else if (this.fingers.size === 2) {
      this.pinch(event.pointerId, before, at);
    } else {
      this.events.onPan(at.x - before.x, at.y - before.y);
    }
    this.fingers.set(event.pointerId, at);
  }

  private pinch(id: number, before: Spot, at: Spot): void {
    const other = [...this.fingers].find(([finger]) => finger !== id)?.[1];
    if (!other) return;
    const [was, is] = [
      Math.hypot(before.x - other.x, before.y - other.y),
      Math.hypot(at.x - other.x, at.y - other.y),
    ];
    this.events.onPan((at.x - before.x) / 2, (at.y - before.y) / 2);
    if (was > 8 && is > 8) this.events.onZoom({ x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, is / was);
  }

  private up(event: PointerEvent): void {
    const wasDrawing = this.isDrawing && this.fingers.has(event.pointerId);
    this.fingers.delete(event.pointerId);
    this.isDrawing = false;
    if (this.travelled < TAP_PIXELS) {
      this.events.onLine([]);
      this.events.onPoint(this.spot(event));
      return;
    }
    if (wasDrawing) {
      const how = event.altKey ? "remove" : event.shiftKey && this.tool === "lasso" ? "add" : "replace";
      this.events.onLasso(this.line, how);
    }
  }

  private cancelled(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.isDrawing = false;
    this.events.onLine([]);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    // A notch of a wheel is 100 or so; a trackpad sends many small steps, and pinching on it comes with Ctrl.
    const unit = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0022));
    this.events.onZoom(this.spot(event), Math.min(Math.max(factor, 0.2), 5));
  }
}
