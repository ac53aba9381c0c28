/** A hidden tab gets no animation frames; work that must happen anyway runs after this long. */
const HIDDEN_TAB_MS = 250;

type Task = () => void;

/** Tasks of the frame that is being prepared now; null when nobody waits for it. */
let waiting: Task[] | null = null;

/**
 * Runs `task` once, right after the browser has painted the frame that is being prepared now.
 *
 * `requestAnimationFrame` alone runs before the paint; the message posted from inside it is handled after. Everything that
 * the eye does not wait for (React panels, prefetch, queue refill) goes through here, so that a key press costs only the
 * swap of the photo. However many tasks wait for a frame, they share one callback; they run in the order of the calls.
 */
export function afterPaint(task: Task): void {
  if (waiting) {
    waiting.push(task);
    return;
  }
  const tasks = [task];
  waiting = tasks;
  // What is asked for from here on belongs to a later frame.
  const close = () => {
    if (waiting === tasks) waiting = null;
  };
  const run = () => {
    close();
    clearTimeout(timer);
    for (const each of tasks.splice(0)) attempt(each);
  };
  const timer = setTimeout(run, HIDDEN_TAB_MS);
  requestAnimationFrame(() => {
    close();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      run();
    };
    channel.port2.postMessage(null);
  });
}

/** One task that fails must not take the others with it. */
function attempt(task: Task): void {
  try {
    task();
  } catch (error) {
    reportError(error);
  }
}

/** Makes a function that runs `task` after the next paint, however many times it was asked for before that. */
export function oncePerPaint(task: Task): Task {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    afterPaint(() => {
      asked = false;
      task();
    });
  };
}

type Subscribe = (listener: Task) => () => void;

/** The same subscription, but listeners hear after the paint, all in one go: for React, which must not come before it. */
export function afterPaintOf(subscribe: Subscribe): Subscribe {
  const listeners = new Set<Task>();
  const tell = oncePerPaint(() => {
    for (const listener of listeners) listener();
  });
  let unsubscribe: (() => void) | null = null;
  return (listener) => {
    listeners.add(listener);
    unsubscribe ??= subscribe(tell);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      unsubscribe?.();
      unsubscribe = null;
    };
  };
}
