import type { QueueItem } from "@/api/types";
import { oncePerPaint } from "@/lib/afterPaint";
import { fitInside, type Held, nearestFirst, plan, type Size } from "./stagePolicy";
import type { View } from "./state";
import { actualSizeScale, FIT, type Point, panBy, type Zoom, zoomAt, zoomTransform } from "./zoom";

export type PhotoStatus = "loading" | "ready" | "failed";

export interface StageOptions {
  /** Told when the photo on screen loads, is ready or fails. */
  onStatus: (photoId: number, status: PhotoStatus) => void;
  onZoom: (zoom: Zoom) => void;
  budgetBytes?: number;
}

interface Slot extends Held {
  canvas: HTMLCanvasElement | null;
  abort: AbortController;
}

const MAX_LOADING = 3;
const BUDGET_BYTES = 150 * 1024 * 1024;
const RETRY_MS = 5_000;
/** Screens beyond this density get no sharper picture, only a heavier one. */
const MAX_PIXEL_RATIO = 2;
/** Longest side of the `view` rendition; decoding larger would only invent pixels. */
const VIEW_LONG_SIDE = 1600;
/** Photos decoded for a stage smaller than this share of the present one are decoded again. */
const STALE_SHARE = 0.75;

/**
 * Shows photos with no framework in between.
 *
 * Every photo near the current one has a canvas of its own, decoded at display size off the main thread; going on to the
 * next photo only changes which canvas is visible, so it lands in the frame of the key press. A photo that is not ready
 * stands on its thumbnail. Loading, decoding and eviction happen after the paint (`stagePolicy.plan`).
 */
export class PhotoStage {
  private readonly slots = new Map<number, Slot>();
  private readonly items = new Map<number, QueueItem>();
  private readonly frame: HTMLDivElement;
  private readonly underlay: HTMLImageElement;
  private readonly detail: HTMLImageElement;
  private readonly resize: ResizeObserver;
  private readonly budget: number;
  private wanted: number[] = [];
  private current: QueueItem | null = null;
  private box: Size = { width: 0, height: 0 };
  private zoom: Zoom = FIT;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly options: StageOptions,
  ) {
    this.budget = options.budgetBytes ?? BUDGET_BYTES;
    this.frame = document.createElement("div");
    this.frame.dataset.part = "frame";
    this.underlay = this.image("underlay");
    this.detail = this.image("detail");
    this.frame.append(this.underlay, this.detail);
    host.append(this.frame);
    this.resize = new ResizeObserver(() => this.measure());
    this.resize.observe(host);
    this.measure();
  }

  /** Shows `item` now; the neighbours load after the paint. */
  show({ item, ahead, behind }: View): void {
    const previous = this.current;
    this.current = item;
    if (previous?.photo_id !== item?.photo_id) {
      this.setZoom(FIT);
      this.reveal(previous);
    }
    const near = item ? [item, ...nearestFirst(ahead, behind)] : [...ahead];
    this.wanted = [...new Set(near.map((each) => each.photo_id))];
    this.items.clear();
    for (const each of near) this.items.set(each.photo_id, each);
    this.work();
  }

  /** CSS filter only: 1 is the photo as it is. */
  setBrightness(brightness: number): void {
    this.frame.style.filter = brightness === 1 ? "" : `brightness(${brightness})`;
  }

  zoomBy(factor: number, at: Point = { x: 0, y: 0 }): void {
    this.setZoom(zoomAt(this.zoom, factor, at, this.photoSize(), this.box));
  }

  /** One pixel of the original on one of the screen, around `at`; or back to the whole photo. */
  toggleActualSize(at: Point): void {
    if (this.zoom.scale > 1 || !this.current) this.resetZoom();
    else this.zoomBy(actualSizeScale(this.current, this.photoSize(), this.pixelRatio()), at);
  }

  resetZoom(): void {
    this.setZoom(FIT);
  }

  pan(dx: number, dy: number): void {
    this.setZoom(panBy(this.zoom, dx, dy, this.photoSize(), this.box));
  }

  get isZoomed(): boolean {
    return this.zoom.scale > 1;
  }

  /** The point of a mouse or touch event, from the centre of the stage. */
  pointOf(event: { clientX: number; clientY: number }): Point {
    const rect = this.host.getBoundingClientRect();
    return { x: event.clientX - rect.left - rect.width / 2, y: event.clientY - rect.top - rect.height / 2 };
  }

  close(): void {
    this.isClosed = true;
    this.resize.disconnect();
    clearTimeout(this.retryTimer);
    for (const photoId of [...this.slots.keys()]) this.evict(photoId);
    this.frame.remove();
  }

  // ---- showing --------------------------------------------------------------------------------

  private reveal(previous: QueueItem | null): void {
    const before = previous ? this.slots.get(previous.photo_id)?.canvas : null;
    if (before) before.style.visibility = "hidden";
    const item = this.current;
    this.underlay.hidden = !item;
    if (!item) return;
    this.layOut(this.underlay, item);
    const slot = this.slots.get(item.photo_id);
    if (slot?.canvas) {
      slot.canvas.style.visibility = "visible";
      this.underlay.style.visibility = "hidden";
    } else {
      if (this.underlay.getAttribute("src") !== item.thumb_url) this.underlay.src = item.thumb_url;
      this.underlay.style.visibility = "visible";
    }
    this.options.onStatus(item.photo_id, slot?.state ?? "loading");
  }

  private setZoom(zoom: Zoom): void {
    this.zoom = zoom;
    this.frame.style.transform = zoomTransform(zoom);
    const item = this.current;
    if (zoom.scale === 1 || !item) {
      this.detail.hidden = true;
      this.detail.removeAttribute("src");
    } else if (this.detail.getAttribute("src") !== item.full_url) {
      // The full rendition comes only for a photo that is looked at closely.
      this.detail.src = item.full_url;
      this.detail.hidden = false;
      this.layOut(this.detail, item);
    }
    this.options.onZoom(zoom);
  }

  private layOut(element: HTMLElement, item: QueueItem): void {
    const { width, height } = this.sizeOf(item);
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
  }

  private image(part: string): HTMLImageElement {
    const image = document.createElement("img");
    image.alt = "";
    image.decoding = "async";
    image.draggable = false;
    image.hidden = true;
    image.dataset.part = part;
    return image;
  }

  // ---- loading --------------------------------------------------------------------------------

  private readonly work = oncePerPaint(() => {
    if (this.isClosed || this.box.width === 0) return;
    const { load, evict, retryAt } = plan({
      wanted: this.wanted,
      held: this.slots,
      bytesOf: (photoId) => this.decodedBytes(photoId),
      budgetBytes: this.budget,
      maxLoading: MAX_LOADING,
      now: performance.now(),
    });
    for (const photoId of evict) this.evict(photoId);
    for (const photoId of load) void this.load(photoId);
    clearTimeout(this.retryTimer);
    if (retryAt !== null)
      this.retryTimer = setTimeout(() => this.work(), Math.max(0, retryAt - performance.now()));
  });

  private async load(photoId: number): Promise<void> {
    const item = this.items.get(photoId);
    if (!item) return;
    const slot: Slot = {
      state: "loading",
      bytes: this.decodedBytes(photoId),
      retryAt: 0,
      canvas: null,
      abort: new AbortController(),
    };
    this.evict(photoId);
    this.slots.set(photoId, slot);
    try {
      const bitmap = await this.decode(item, slot.abort.signal);
      if (this.slots.get(photoId) === slot) this.place(item, slot, bitmap);
      else bitmap.close();
    } catch {
      if (this.slots.get(photoId) !== slot) return;
      slot.state = "failed";
      slot.retryAt = performance.now() + RETRY_MS;
    }
    if (this.current?.photo_id === photoId) this.options.onStatus(photoId, slot.state);
    this.work();
  }

  private async decode(item: QueueItem, signal: AbortSignal): Promise<ImageBitmap> {
    const priority = item.photo_id === this.current?.photo_id ? "high" : "low";
    const response = await fetch(item.view_url, { priority, signal, credentials: "same-origin" });
    if (!response.ok) throw new Error(`photo answered ${response.status}`);
    const blob = await response.blob();
    const { width, height } = this.decodeSize(item);
    return createImageBitmap(blob, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  }

  /** Decodes a photo again for a larger stage; the coarser picture stays on screen until then. */
  private async sharpen(item: QueueItem, slot: Slot): Promise<void> {
    try {
      const bitmap = await this.decode(item, slot.abort.signal);
      if (this.slots.get(item.photo_id) === slot) this.place(item, slot, bitmap);
      else bitmap.close();
    } catch {
      // The coarser picture stays, then.
    }
  }

  private place(item: QueueItem, slot: Slot, bitmap: ImageBitmap): void {
    slot.canvas?.remove();
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    slot.bytes = bitmap.width * bitmap.height * 4;
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
    const isCurrent = item.photo_id === this.current?.photo_id;
    canvas.style.visibility = isCurrent ? "visible" : "hidden";
    this.layOut(canvas, item);
    slot.canvas = canvas;
    slot.state = "ready";
    this.frame.insertBefore(canvas, this.detail);
    if (isCurrent) this.underlay.style.visibility = "hidden";
  }

  private evict(photoId: number): void {
    const slot = this.slots.get(photoId);
    if (!slot) return;
    slot.abort.abort();
    if (slot.canvas) {
      // Gives the memory back now rather than at the next garbage collection.
      slot.canvas.width = 0;
      slot.canvas.remove();
    }
    this.slots.delete(photoId);
  }

  // ---- sizes ----------------------------------------------------------------------------------

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    this.box = { width, height };
    for (const [photoId, slot] of [...this.slots]) {
      const item = this.items.get(photoId);
      if (!item || !slot.canvas) continue;
      this.layOut(slot.canvas, item);
      if (slot.canvas.width >= this.decodeSize(item).width * STALE_SHARE) continue;
      if (photoId === this.current?.photo_id) void this.sharpen(item, slot);
      else this.evict(photoId);
    }
    if (this.current) this.layOut(this.underlay, this.current);
    this.setZoom(FIT);
    this.work();
  }

  private pixelRatio(): number {
    return Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
  }

  private sizeOf(item: QueueItem): Size {
    const natural = { width: item.width || 4, height: item.height || 3 };
    return fitInside(natural, this.box, this.pixelRatio());
  }

  private photoSize(): Size {
    return this.current ? this.sizeOf(this.current) : this.box;
  }

  private decodeSize(item: QueueItem): Size {
    const { width, height } = this.sizeOf(item);
    const sharpest = Math.min(VIEW_LONG_SIDE, Math.max(item.width, item.height, 1));
    const ratio = Math.min(this.pixelRatio(), sharpest / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) };
  }

  private decodedBytes(photoId: number): number {
    const item = this.items.get(photoId);
    if (!item || this.box.width === 0) return 4 * 1024 * 1024;
    const { width, height } = this.decodeSize(item);
    return width * height * 4;
  }
}
