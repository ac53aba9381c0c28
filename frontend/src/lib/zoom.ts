/** Zoom and pan of the photo: pure arithmetic in CSS pixels, origin at the centre of the stage. */
export interface Size {
  width: number;
  height: number;
}
export interface Zoom {
  /** 1 shows the whole photo. */
  scale: number;
  x: number;
  y: number;
}
export interface Point {
  x: number;
  y: number;
}

export const FIT: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 12;

/** Keeps the photo from being dragged out of sight: an edge may reach the edge of the stage, not pass it. */
function clamp(zoom: Zoom, photo: Size, stage: Size): Zoom {
  const scale = Math.min(MAX_SCALE, Math.max(1, zoom.scale));
  if (scale === 1) return FIT;
  const limit = (photoSide: number, stageSide: number) => Math.max(0, (photoSide * scale - stageSide) / 2);
  const [maxX, maxY] = [limit(photo.width, stage.width), limit(photo.height, stage.height)];
  return { scale, x: Math.min(maxX, Math.max(-maxX, zoom.x)), y: Math.min(maxY, Math.max(-maxY, zoom.y)) };
}

/** Multiplies the scale by `factor`, keeping what is under `at` where it is. */
export function zoomAt(zoom: Zoom, factor: number, at: Point, photo: Size, stage: Size): Zoom {
  const scale = Math.min(MAX_SCALE, Math.max(1, zoom.scale * factor));
  const ratio = scale / zoom.scale;
  return clamp({ scale, x: at.x - (at.x - zoom.x) * ratio, y: at.y - (at.y - zoom.y) * ratio }, photo, stage);
}

export function panBy(zoom: Zoom, dx: number, dy: number, photo: Size, stage: Size): Zoom {
  return clamp({ ...zoom, x: zoom.x + dx, y: zoom.y + dy }, photo, stage);
}

/** The scale at which one pixel of the original is one pixel of the screen, and at least twice the fitted size. */
export function actualSizeScale(natural: Size, fitted: Size, pixelRatio: number): number {
  return Math.min(MAX_SCALE, Math.max(2, natural.width / (fitted.width * pixelRatio)));
}

export function zoomTransform({ scale, x, y }: Zoom): string {
  return scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
}
