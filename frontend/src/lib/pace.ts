/** How fast work moves and how long it will take, from a few looks at it: no React in here. */

const WINDOW_MS = 20_000;
const LEAST_MS = 1500;

export interface Pace {
  perSecond: number;
  /** Null when it stands still. */
  secondsLeft: number | null;
}

export class PaceMeter {
  private looks: { at: number; done: number }[] = [];

  /** Notes that `done` is done at `at` (ms). Work that begins anew is a new measurement. */
  look(done: number, at: number): void {
    const last = this.looks.at(-1);
    if (last && done < last.done) this.looks = [];
    this.looks.push({ at, done });
    // One look older than the window stays: the window then always has a beginning.
    while (this.looks.length > 2 && at - (this.looks[1]?.at ?? at) >= WINDOW_MS) this.looks.shift();
  }

  /** Over the last looks; null until they lie far enough apart to tell. */
  pace(total: number): Pace | null {
    const first = this.looks[0];
    const last = this.looks.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS) return null;
    const perSecond = ((last.done - first.done) * 1000) / (last.at - first.at);
    return { perSecond, secondsLeft: perSecond > 0 ? Math.max(0, total - last.done) / perSecond : null };
  }
}
