/** How long a settlement may be taken back: it is sent only then, since on the server it would be final. */
export const GRACE_MS = 6000;

/** What was decided about the case `id`. */
export interface Held<Settlement> {
  id: number;
  settlement: Settlement;
}

export interface SettlingPorts<Settlement> {
  /** Sends one; rejects when it was not taken. */
  send(held: Held<Settlement>, options: { keepalive: boolean }): Promise<void>;
  onFailed(held: Held<Settlement>, error: unknown): void;
  onSent(held: Held<Settlement>): void;
  /** The one that can still be taken back has changed. */
  onHeld(held: Held<Settlement> | null): void;
}

/**
 * Holds the last settlement back for a moment, so that a slip of the key can be undone. The next settlement, leaving the
 * page and the end of the time send it.
 */
export class Settling<Settlement> {
  private held: Held<Settlement> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: SettlingPorts<Settlement>) {}

  settle(id: number, settlement: Settlement): void {
    this.flush();
    this.hold({ id, settlement });
    this.timer = setTimeout(() => this.flush(), GRACE_MS);
  }

  /** Takes the last one back; null when it is too late. */
  undo(): Held<Settlement> | null {
    const { held } = this;
    clearTimeout(this.timer);
    if (held) this.hold(null);
    return held;
  }

  /** Sends what is held. `keepalive` for a page that goes away. */
  flush({ keepalive = false } = {}): void {
    const held = this.undo();
    if (!held) return;
    this.ports
      .send(held, { keepalive })
      .then(() => this.ports.onSent(held))
      .catch((error: unknown) => this.ports.onFailed(held, error));
  }

  private hold(held: Held<Settlement> | null): void {
    this.held = held;
    this.ports.onHeld(held);
  }
}
