/** A hidden tab gets no animation frames; work that must happen anyway runs after this long. */
const HIDDEN_TAB_MS = 250;

/**
 * Runs `task` once, right after the browser has painted the frame that is being prepared now.
 *
 * `requestAnimationFrame` alone runs before the paint; the message posted from inside it is handled after. Everything that
 * the eye does not wait for (React panels, prefetch, queue refill) goes through here, so that a key press costs only the
 * swap of the photo.
 */
export function afterPaint(task: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    task();
  };
  const timer = setTimeout(once, HIDDEN_TAB_MS);
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      once();
    };
    channel.port2.postMessage(null);
  });
}

/** Makes a function that runs `task` after the next paint, however many times it was asked for before that. */
export function oncePerPaint(task: () => void): () => void {
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
