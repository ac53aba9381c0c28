import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { afterPaint, afterPaintOf, oncePerPaint } from "./afterPaint";

/** Lets the frame be painted by hand. */
class Screen {
  private frames: FrameRequestCallback[] = [];
  request = (callback: FrameRequestCallback): number => this.frames.push(callback);
  get asked(): number {
    return this.frames.length;
  }
  async paint(): Promise<void> {
    for (const frame of this.frames.splice(0)) frame(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("afterPaint", () => {
  let screen: Screen;
  let told: string[];
  const tell = (word: string) => () => void told.push(word);

  beforeEach(() => {
    screen = new Screen();
    told = [];
    vi.spyOn(window, "requestAnimationFrame").mockImplementation(screen.request);
  });
  afterEach(() => vi.restoreAllMocks());

  it("runs nothing before the paint, then all in order, with one callback", async () => {
    for (const word of ["a", "b", "c"]) afterPaint(tell(word));
    expect([told, screen.asked]).toEqual([[], 1]);
    await screen.paint();
    expect(told).toEqual(["a", "b", "c"]);
  });

  it("leaves what is asked for during a frame to the next one", async () => {
    afterPaint(() => {
      told.push("a");
      afterPaint(tell("b"));
    });
    await screen.paint();
    expect(told).toEqual(["a"]);
    await screen.paint();
    expect(told).toEqual(["a", "b"]);
  });

  it("runs in a hidden tab, which paints nothing, and only once", async () => {
    afterPaint(tell("a"));
    await vi.waitFor(() => expect(told).toEqual(["a"]));
    await screen.paint();
    expect(told).toEqual(["a"]);
  });

  it("reports a task that fails and runs the others", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    afterPaint(() => {
      throw new Error("broken");
    });
    afterPaint(tell("b"));
    await screen.paint();
    expect(told).toEqual(["b"]);
    expect(reported).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it("runs once however many times it was asked for", async () => {
    const task = oncePerPaint(tell("a"));
    task();
    task();
    await screen.paint();
    expect(told).toEqual(["a"]);
    task();
    await screen.paint();
    expect(told).toEqual(["a", "a"]);
  });

  it("tells all listeners of a store after the paint, and lets the store go with the last", async () => {
    const inner = new Set<() => void>();
    const subscribe = afterPaintOf((listener) => {
      inner.add(listener);
      return () => inner.delete(listener);
    });
    const [one, two] = [subscribe(tell("one")), subscribe(tell("two"))];
    expect(inner.size).toBe(1);
    for (const listener of inner) listener();
    expect(told).toEqual([]);
    await screen.paint();
    expect(told).toEqual(["one", "two"]);
    one();
    two();
    expect(inner.size).toBe(0);
  });
});
