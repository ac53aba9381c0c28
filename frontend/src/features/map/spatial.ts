/** Finding points of the map by place: a grid of cells, each a run in one list of points. */
import { SIDE, type Spot } from "./camera";

const CELLS = 256;
const CELL = (SIDE + 1) / CELLS;
/** Both coordinates of a photo that may not be seen on the map. */
export const HIDDEN = 65_535;

const cellOf = (value: number) => Math.min(Math.max(Math.floor(value / CELL), 0), CELLS - 1);

export class SpatialIndex {
  private readonly starts = new Uint32Array(CELLS * CELLS + 1);
  private readonly rows: Uint32Array;

  constructor(
    private readonly xs: Uint16Array,
    private readonly ys: Uint16Array,
  ) {
    const n = xs.length;
    const cells = new Uint16Array(n);
    for (let row = 0; row < n; row += 1) {
      const cell = cellOf(ys[row] ?? 0) * CELLS + cellOf(xs[row] ?? 0);
      cells[row] = cell;
      this.starts[cell + 1] = (this.starts[cell + 1] ?? 0) + 1;
    }
    for (let cell = 0; cell < CELLS * CELLS; cell += 1) {
      this.starts[cell + 1] = (this.starts[cell + 1] ?? 0) + (this.starts[cell] ?? 0);
    }
    const next = this.starts.slice();
    this.rows = new Uint32Array(n);
    for (let row = 0; row < n; row += 1) {
      const cell = cells[row] ?? 0;
      const place = next[cell] ?? 0;
      this.rows[place] = row;
      next[cell] = place + 1;
    }
  }

  /** The point nearest to `spot` within `radius` among those that `isShown`; null when there is none. */
  nearest(spot: Spot, radius: number, isShown: (row: number) => boolean): number | null {
    let best: number | null = null;
    let closest = radius * radius;
    this.visit(spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius, (row) => {
      const dx = (this.xs[row] ?? 0) - spot.x;
      const dy = (this.ys[row] ?? 0) - spot.y;
      const square = dx * dx + dy * dy;
      if (square <= closest && isShown(row)) {
        closest = square;
        best = row;
      }
    });
    return best;
  }

  /** Points inside a line that closes itself, by the even-odd rule, in ascending order. */
  within(line: readonly Spot[], isShown: (row: number) => boolean): Uint32Array {
    if (line.length < 3) return new Uint32Array(0);
    const lineX = line.map((spot) => spot.x);
    const lineY = line.map((spot) => spot.y);
    const found: number[] = [];
    this.visit(Math.min(...lineX), Math.min(...lineY), Math.max(...lineX), Math.max(...lineY), (row) => {
      if (isShown(row) && isInside(this.xs[row] ?? 0, this.ys[row] ?? 0, lineX, lineY)) found.push(row);
    });
    return Uint32Array.from(found).sort();
  }

  private visit(left: number, top: number, right: number, bottom: number, see: (row: number) => void): void {
    const [first, last] = [cellOf(left), cellOf(right)];
    for (let line = cellOf(top); line <= cellOf(bottom); line += 1) {
      // The cells of one line follow each other in the list.
      const end = this.starts[line * CELLS + last + 1] ?? 0;
      for (let place = this.starts[line * CELLS + first] ?? 0; place < end; place += 1) {
        see(this.rows[place] ?? 0);
      }
    }
  }
}

function isInside(x: number, y: number, lineX: readonly number[], lineY: readonly number[]): boolean {
  let inside = false;
  for (let at = 0, before = lineX.length - 1; at < lineX.length; before = at, at += 1) {
    const [ax, ay] = [lineX[at] ?? 0, lineY[at] ?? 0];
    const [bx, by] = [lineX[before] ?? 0, lineY[before] ?? 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** A line through the mouse's way without the points that add nothing: fewer than `most`, evenly. */
export function thinned(line: readonly Spot[], most: number): Spot[] {
  if (line.length <= most) return [...line];
  return Array.from({ length: most }, (_, at) => line[Math.floor((at * line.length) / most)]).filter(
    (spot) => spot !== undefined,
  );
}
