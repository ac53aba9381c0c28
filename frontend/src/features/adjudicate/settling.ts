import type { Settlement } from "@/api/types";

/** How long a settlement may be taken back: it is sent only then, since on the server it would be final. */
export const GRACE_MS = 6000;

export interface Held {
  photoId: number;
  settlement: Settlement;
}

export interface SettlingPorts {
  /** Sends one; rejects when it was not taken. */
  send(held: Held, options: { keepalive: boolean }): Promise<void>;
  onFailed(held: Held, error: unknown): void;
  onSent(held: Held): void;
  /** The one that can still be taken back has changed. */
  onHeld(held: Held | null): void;
}

/**
 * Holds the last settlement back for a moment, so that a slip of the key can be undone. The next settlement, leaving the
 * page and the end of the time send it.
 */
export class Settling {
  private held: Held | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: SettlingPorts) {}

  settle(photoId: number, settlement: Settlement): void {
    this.flush();
    this.hold({ photoId, settlement });
    this.timer = setTimeout(() => this.flush(), GRACE_MS);
  }

  /** Takes the last one back; null when it is too late. */
  undo(): Held | null {
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

  private hold(held: Held | null): void {
    this.held = held;
    this.ports.onHeld(held);
  }
}
