/**
 * What this person said on this phone about keeping places. Off until it is given; asked once, in words that have a
 * version. An answer given without a signal is told to the server as soon as there is one.
 */
import { giveConsent, readConsent, withdrawConsent } from "./server";

/** Which words were shown; a change of the words asks again. */
export const CONSENT_VERSION = 1;

export interface Consent {
  answer: "yes" | "no" | null;
  /** What the server does not know yet. */
  pending: "give" | "withdraw" | null;
}

const NONE: Consent = { answer: null, pending: null };

export class ConsentStore {
  private state: Consent;
  private readonly listeners = new Set<() => void>();
  private readonly key: string;

  constructor(userId: number) {
    this.key = `antesis.grower.consent.${userId}.${CONSENT_VERSION}`;
    this.state = { ...NONE, ...JSON.parse(localStorage.getItem(this.key) ?? "{}") };
  }

  getState = (): Consent => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** To say no where nothing was ever said tells the server nothing: there is nothing to take back. */
  answer(isGiven: boolean): void {
    const hadNone = this.state.answer === null;
    if (isGiven) this.change({ answer: "yes", pending: "give" });
    else this.change({ answer: "no", pending: hadNone ? null : "withdraw" });
  }

  /** Tells the server what it does not know; takes over a withdrawal that was made elsewhere. Rejects without a signal. */
  async settle(): Promise<void> {
    const { pending, answer } = this.state;
    if (pending === "give") await giveConsent(CONSENT_VERSION);
    if (pending === "withdraw") await withdrawConsent();
    if (pending && this.state.pending === pending) this.change({ ...this.state, pending: null });
    if (!pending && answer === "yes" && (await readConsent()).version === null) {
      this.change({ answer: "no", pending: null });
    }
  }

  private change(state: Consent): void {
    this.state = state;
    localStorage.setItem(this.key, JSON.stringify(state));
    for (const listener of this.listeners) listener();
  }
}
