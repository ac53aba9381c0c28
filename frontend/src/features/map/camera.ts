/** Where the map is looked at from. Points lie in a square of 0..SIDE; the screen is CSS pixels, y downwards. */
export const SIDE = 65_000;
const MARGIN = 24;
const CLOSEST = 400;

export interface Camera {
  /** The point of the map in the middle of the screen. */
  x: number;
  y: number;
  /** 1 shows the whole map, 2 half of it along each side. */
  zoom: number;
}

export interface Box {
  width: number;
  height: number;
}

export interface Spot {
  x: number;
  y: number;
}

export const WHOLE: Camera = { x: SIDE / 2, y: SIDE / 2, zoom: 1 };

/** Pixels per unit of the map. */
export function scaleOf(camera: Camera, box: Box): number {
  return (Math.max(Math.min(box.width, box.height) - 2 * MARGIN, 32) / SIDE) * camera.zoom;
}

export function toScreen(camera: Camera, box: Box, point: Spot): Spot {
  const scale = scaleOf(camera, box);
  return {
    x: (point.x - camera.x) * scale + box.width / 2,
    y: (point.y - camera.y) * scale + box.height / 2,
  };
}

export function toMap(camera: Camera, box: Box, spot: Spot): Spot {
  const scale = scaleOf(camera, box);
  return { x: (spot.x - box.width / 2) / scale + camera.x, y: (spot.y - box.height / 2) / scale + camera.y };
}

/** The map pushed by some pixels; its middle stays on the screen. */
export function panned(camera: Camera, box: Box, dx: number, dy: number): Camera {
  const scale = scaleOf(camera, box);
  return kept({ ...camera, x: camera.x - dx / scale, y: camera.y - dy / scale });
}

/** Nearer by `factor`; what is under `spot` stays there. */
export function zoomedAt(camera: Camera, box: Box, spot: Spot, factor: number): Camera {
  const zoom = Math.min(Math.max(camera.zoom * factor, 0.5), CLOSEST);
  const under = toMap(camera, box, spot);
  const scale = scaleOf({ ...camera, zoom }, box);
  return kept({
    x: under.x - (spot.x - box.width / 2) / scale,
    y: under.y - (spot.y - box.height / 2) / scale,
    zoom,
  });
}

function kept({ x, y, zoom }: Camera): Camera {
  return { x: Math.min(Math.max(x, 0), SIDE), y: Math.min(Math.max(y, 0), SIDE), zoom };
}

/** For the address; nothing for the whole map. */
export function cameraText(camera: Camera): string | undefined {
  const rounded = [Math.round(camera.x), Math.round(camera.y), Number(camera.zoom.toPrecision(3))];
  return rounded.join() === [WHOLE.x, WHOLE.y, 1].join() ? undefined : rounded.join("_");
}

export function cameraFrom(text: string | undefined): Camera {
  const [x, y, zoom, ...rest] = (text ?? "")
    .split("_")
    .map((part) => (part === "" ? Number.NaN : Number(part)));
  if (rest.length > 0 || x === undefined || y === undefined || zoom === undefined) return WHOLE;
  if (![x, y, zoom].every(Number.isFinite) || zoom < 0.5 || zoom > CLOSEST) return WHOLE;
  return kept({ x, y, zoom });
}
