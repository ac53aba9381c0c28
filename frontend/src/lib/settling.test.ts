import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Settlement } from "@/api/types";
import { GRACE_MS, type Held, Settling } from "./settling";

let sent: [number, boolean][];
let failed: number[];
let held: Held<Settlement> | null;
let refuse: boolean;

function make(): Settling<Settlement> {
  return new Settling<Settlement>({
    send: ({ id }, { keepalive }) => {
      sent.push([id, keepalive]);
      return refuse ? Promise.reject(new Error("no")) : Promise.resolve();
    },
    onFailed: ({ id }) => failed.push(id),
    onSent: () => undefined,
    onHeld: (now) => {
      held = now;
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  [sent, failed, held, refuse] = [[], [], null, false];
});
afterEach(() => vi.useRealTimers());

describe("Settling", () => {
  it("sends after the time of grace, once", () => {
    const settling = make();
    settling.settle(1, { outcome: "unusable" });
    vi.advanceTimersByTime(GRACE_MS - 1);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual([[1, false]]);
    settling.flush();
    expect(sent).toHaveLength(1);
    expect(held).toBeNull();
  });

  it("sends the one before when the next is settled", () => {
    const settling = make();
    settling.settle(1, { outcome: "unusable" });
    settling.settle(2, { outcome: "unusable" });
    expect(sent).toEqual([[1, false]]);
    expect(held?.id).toBe(2);
  });

  it("never sends what was taken back", () => {
    const settling = make();
    settling.settle(1, { outcome: "stage", stage: 3 });
    expect(settling.undo()).toEqual({ id: 1, settlement: { outcome: "stage", stage: 3 } });
    vi.advanceTimersByTime(2 * GRACE_MS);
    expect(sent).toEqual([]);
    expect(settling.undo()).toBeNull();
  });

  it("sends at once when the page goes away", () => {
    const settling = make();
    settling.settle(1, { outcome: "unusable" });
    settling.flush({ keepalive: true });
    expect(sent).toEqual([[1, true]]);
  });

  it("tells which one was refused", async () => {
    refuse = true;
    const settling = make();
    settling.settle(1, { outcome: "unusable" });
    settling.flush();
    await vi.runAllTimersAsync();
    expect(failed).toEqual([1]);
  });
});
