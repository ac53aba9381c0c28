import { actualSizeScale, FIT, panBy, type Size, type Zoom, zoomAt, zoomTransform } from "@/lib/zoom";

const WHEEL_SPEED = 0.0022;
const STEP = 1.4;

type Point = Pick<PointerEvent, "clientX" | "clientY">;

/**
 * Makes a photo that stands whole in its host zoomable: wheel and pinch at the point, dragging, double click for the actual
 * size. Only a transform changes, never the layout.
 */
export class Zoomable {
  private zoom: Zoom = FIT;
  private readonly down = new Map<number, Point>();
  private readonly closing = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    private readonly frame: HTMLElement,
    private readonly natural: Size,
    private readonly onZoom: (isZoomed: boolean) => void,
  ) {
    const { signal } = this.closing;
    host.addEventListener("pointerdown", (event) => this.press(event), { signal });
    host.addEventListener("pointermove", (event) => this.move(event), { signal });
    for (const name of ["pointerup", "pointercancel"] as const) {
      window.addEventListener(name, (event) => this.down.delete(event.pointerId), { signal });
    }
    host.addEventListener("dblclick", (event) => this.toggle(event), { signal });
    host.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.at(Math.exp(-event.deltaY * WHEEL_SPEED), event);
      },
      { signal, passive: false },
    );
  }

  close(): void {
    this.closing.abort();
  }

  step(direction: 1 | -1): void {
    this.set(zoomAt(this.zoom, STEP ** direction, { x: 0, y: 0 }, this.fitted, this.box));
  }

  reset(): void {
    this.set(FIT);
  }

  private get box(): Size {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  private get fitted(): Size {
    const { box, natural } = this;
    const scale = Math.min(box.width / natural.width, box.height / natural.height);
    return { width: natural.width * scale, height: natural.height * scale };
  }

  private at(factor: number, point: Point): void {
    const { left, top, width, height } = this.host.getBoundingClientRect();
    const origin = { x: point.clientX - left - width / 2, y: point.clientY - top - height / 2 };
    this.set(zoomAt(this.zoom, factor, origin, this.fitted, this.box));
  }

  private toggle(point: Point): void {
    if (this.zoom.scale > 1) this.reset();
    else this.at(actualSizeScale(this.natural, this.fitted, window.devicePixelRatio), point);
  }

  private press(event: PointerEvent): void {
    this.down.set(event.pointerId, event);
    if (this.zoom.scale > 1) this.host.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    this.down.set(event.pointerId, event);
    if (other) {
      const apart = (a: Point) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
      const middle = {
        clientX: (event.clientX + other.clientX) / 2,
        clientY: (event.clientY + other.clientY) / 2,
      };
      this.at(apart(event) / Math.max(1, apart(before)), middle);
    } else if (this.zoom.scale > 1) {
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      this.set(panBy(this.zoom, dx, dy, this.fitted, this.box));
    }
  }

  private set(zoom: Zoom): void {
    const isZoomed = zoom.scale > 1;
    if (isZoomed !== this.zoom.scale > 1) this.onZoom(isZoomed);
    this.zoom = zoom;
    this.frame.style.transform = zoomTransform(zoom);
  }
}
