/** The map on its canvas, without React: draws when something changes, and says what hands do to it. */
import { type Box, type Camera, panned, type Spot, toMap, toScreen, WHOLE, zoomedAt } from "./camera";
import { Gestures } from "./gestures";
import { PointRenderer } from "./renderer";
import { SpatialIndex, thinned } from "./spatial";

const HOVER_PIXELS = 12;
const LINE_MOST = 400;
const STILL_MS = 140;

export interface Looks {
  /** A place in the palette for each point; `UNSEEN` for what a filter hides. */
  places: Uint8Array;
  isShown: Uint8Array;
  palette: readonly string[];
  rim: string;
}

export interface ViewEvents {
  /** The point under the pointer, and where that is; null when there is none. */
  onHover(row: number | null, at: Spot): void;
  /** A line was closed around points. */
  onLasso(rows: Uint32Array, how: "replace" | "add" | "remove"): void;
  /** The camera has come to rest. */
  onRest(camera: Camera): void;
}

export class MapView {
  private readonly renderer: PointRenderer | null;
  private readonly gestures: Gestures;
  private readonly observer: ResizeObserver;
  private index: SpatialIndex | null = null;
  private xs: Uint16Array = new Uint16Array(0);
  private ys: Uint16Array = new Uint16Array(0);
  private isShown: Uint8Array = new Uint8Array(0);
  private selected: Uint32Array = new Uint32Array(0);
  private box: Box = { width: 1, height: 1 };
  private frame = 0;
  private begunAt = 0;
  private stillTimer: ReturnType<typeof setTimeout> | undefined;
  private isStale = false;
  private isFinished = true;
  private marked: number | null = null;
  camera: Camera;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly overlay: HTMLCanvasElement,
    camera: Camera,
    private readonly events: ViewEvents,
  ) {
    this.camera = camera;
    this.renderer = PointRenderer.on(canvas);
    this.gestures = new Gestures(overlay, {
      onPan: (dx, dy) => this.move(panned(this.camera, this.box, dx, dy)),
      onZoom: (at, factor) => this.move(zoomedAt(this.camera, this.box, at, factor)),
      onPoint: (at) => this.hover(at),
      onLine: (line) => this.drawOverlay(line),
      onLasso: (line, how) => this.lasso(line, how),
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(overlay);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.resize();
  }

  /** Whether the browser can draw it; filters, counts and lists do without. */
  get canDraw(): boolean {
    return this.renderer !== null;
  }

  get tool(): "pan" | "lasso" {
    return this.gestures.tool;
  }

  set tool(tool: "pan" | "lasso") {
    this.gestures.tool = tool;
  }

  setPoints(xs: Uint16Array, ys: Uint16Array): void {
    this.xs = xs;
    this.ys = ys;
    this.index = null;
    this.renderer?.setPoints(xs, ys);
    this.draw();
  }

  setLooks(looks: Looks): void {
    this.isShown = looks.isShown;
    this.renderer?.setPalette(looks.palette, looks.rim);
    this.renderer?.setLooks(looks.places);
    this.draw();
  }

  setSelected(rows: Uint32Array): void {
    this.selected = rows;
    this.renderer?.setSelected(rows);
    this.draw();
  }

  /** Puts a ring around a point, such as the one whose picture has the focus. */
  mark(row: number | null): void {
    this.marked = row;
    this.drawOverlay([]);
  }

  panBy(dx: number, dy: number): void {
    this.move(panned(this.camera, this.box, dx, dy));
  }

  zoomBy(factor: number): void {
    this.move(zoomedAt(this.camera, this.box, { x: this.box.width / 2, y: this.box.height / 2 }, factor));
  }

  showAll(): void {
    this.move(WHOLE);
  }

  /** The shown points that are on the screen. */
  inView(): Uint32Array {
    const [from, to] = [
      toMap(this.camera, this.box, { x: 0, y: 0 }),
      toMap(this.camera, this.box, { x: this.box.width, y: this.box.height }),
    ];
    const rows: number[] = [];
    for (let row = 0; row < this.xs.length; row += 1) {
      const [x, y] = [this.xs[row] ?? 0, this.ys[row] ?? 0];
      if (this.isShown[row] && x >= from.x && x <= to.x && y >= from.y && y <= to.y) rows.push(row);
    }
    return Uint32Array.from(rows);
  }

  /** How many points a frame has room for at present. */
  get budget(): number {
    return this.renderer?.budget ?? 0;
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.stillTimer);
    this.observer.disconnect();
    this.gestures.close();
    this.renderer?.close();
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.events.onHover(null, { x: 0, y: 0 });
    this.draw();
    this.drawOverlay([]);
    clearTimeout(this.stillTimer);
    this.stillTimer = setTimeout(() => this.events.onRest(this.camera), STILL_MS);
  }

  private draw(): void {
    this.isStale = true;
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.paint(now));
  }

  private paint(now: number): void {
    this.frame = 0;
    if (!this.renderer) return;
    const scene = { camera: this.camera, box: this.box, hasSelection: this.selected.length > 0 };
    // How long the frame after a new picture was in coming tells what the machine can draw in time.
    if (this.begunAt > 0) this.renderer.learn(now - this.begunAt);
    this.begunAt = this.isStale ? now : 0;
    if (this.isStale) this.isFinished = this.renderer.begin(scene);
    else if (!this.isFinished) this.isFinished = this.renderer.more(scene);
    this.isStale = false;
    // Seen by who measures, or waits for the whole picture.
    const hasPoints = this.xs.length > 0 && this.isShown.length === this.xs.length;
    this.overlay.toggleAttribute("data-painted", hasPoints);
    this.overlay.toggleAttribute("data-finished", hasPoints && this.isFinished);
    if (!this.isFinished || this.begunAt > 0) this.frame = requestAnimationFrame((next) => this.paint(next));
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.overlay;
    if (width === 0 || height === 0) return;
    this.box = { width, height };
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.overlay]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.draw();
    this.drawOverlay([]);
  }

  private ready(): SpatialIndex {
    this.index ??= new SpatialIndex(this.xs, this.ys);
    return this.index;
  }

  private hover(at: Spot | null): void {
    if (!at || this.xs.length === 0) {
      this.events.onHover(null, { x: 0, y: 0 });
      return;
    }
    const spot = toMap(this.camera, this.box, at);
    const edge = toMap(this.camera, this.box, { x: at.x + HOVER_PIXELS, y: at.y });
    const row = this.ready().nearest(spot, edge.x - spot.x, (it) => this.isShown[it] === 1);
    this.events.onHover(row, at);
  }

  private lasso(line: readonly Spot[], how: "replace" | "add" | "remove"): void {
    this.drawOverlay([]);
    const onMap = thinned(line, LINE_MOST).map((spot) => toMap(this.camera, this.box, spot));
    this.events.onLasso(
      this.ready().within(onMap, (row) => this.isShown[row] === 1),
      how,
    );
  }

  private drawOverlay(line: readonly Spot[]): void {
    const pen = this.overlay.getContext("2d");
    if (!pen) return;
    const ratio = this.overlay.width / Math.max(this.box.width, 1);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.box.width, this.box.height);
    const ink = getComputedStyle(this.overlay).color;
    pen.strokeStyle = ink;
    pen.lineWidth = 2;
    const first = line[0];
    if (first && line.length > 1) {
      pen.beginPath();
      pen.moveTo(first.x, first.y);
      for (const spot of line) pen.lineTo(spot.x, spot.y);
      pen.closePath();
      pen.setLineDash([6, 4]);
      pen.stroke();
      pen.globalAlpha = 0.08;
      pen.fillStyle = ink;
      pen.fill();
      pen.globalAlpha = 1;
      pen.setLineDash([]);
    }
    if (this.marked !== null) {
      const at = toScreen(this.camera, this.box, {
        x: this.xs[this.marked] ?? 0,
        y: this.ys[this.marked] ?? 0,
      });
      pen.beginPath();
      pen.arc(at.x, at.y, 11, 0, 2 * Math.PI);
      pen.stroke();
    }
  }
}
