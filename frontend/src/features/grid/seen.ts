/** A photo counts as seen after this long on screen: less is a page that scrolled by. */
export const DWELL_MS = 300;

interface Sight {
  isLoaded: boolean;
  isOnScreen: boolean;
  /** When both became true; null while one is not. */
  since: number | null;
}

/**
 * Remembers which photos were really on screen: loaded and in view for `DWELL_MS` without a break, in a tab that was shown.
 *
 * No timers: time is read when somebody asks, so a late timer cannot make a photo seen or unseen.
 */
export class SeenPhotos {
  private readonly seen = new Set<number>();
  private readonly sights = new Map<number, Sight>();
  private isTabShown = true;

  constructor(private readonly now: () => number = () => performance.now()) {}

  load(photoId: number): void {
    this.change(photoId, { isLoaded: true });
  }

  appear(photoId: number): void {
    this.change(photoId, { isOnScreen: true });
  }

  leave(photoId: number): void {
    this.change(photoId, { isOnScreen: false });
  }

  showTab(isShown: boolean): void {
    this.settle();
    this.isTabShown = isShown;
    for (const id of this.sights.keys()) this.change(id, {});
  }

  isSeen = (photoId: number): boolean => {
    this.settleOne(photoId, this.sights.get(photoId));
    return this.seen.has(photoId);
  };

  /** Milliseconds until the next photo counts as seen; null when none is on its way. */
  dueIn(): number | null {
    this.settle();
    const now = this.now();
    let due: number | null = null;
    for (const [id, { since }] of this.sights) {
      if (since === null || this.seen.has(id)) continue;
      due = Math.min(due ?? Number.POSITIVE_INFINITY, since + DWELL_MS - now);
    }
    return due;
  }

  /** A photo shown again after an undo was seen before. */
  forgetAllBut(photoIds: ReadonlySet<number>): void {
    for (const id of this.seen) if (!photoIds.has(id)) this.seen.delete(id);
    for (const id of this.sights.keys()) if (!photoIds.has(id)) this.sights.delete(id);
  }

  remember(photoIds: Iterable<number>): void {
    for (const id of photoIds) this.seen.add(id);
  }

  private change(photoId: number, part: Partial<Sight>): void {
    const before = this.sights.get(photoId) ?? { isLoaded: false, isOnScreen: false, since: null };
    this.settleOne(photoId, before);
    const next = { ...before, ...part };
    const isInView = next.isLoaded && next.isOnScreen && this.isTabShown;
    next.since = isInView ? (before.since ?? this.now()) : null;
    this.sights.set(photoId, next);
  }

  private settle(): void {
    for (const [id, sight] of this.sights) this.settleOne(id, sight);
  }

  private settleOne(photoId: number, sight: Sight | undefined): void {
    if (sight?.since != null && this.now() - sight.since >= DWELL_MS) this.seen.add(photoId);
  }
}
