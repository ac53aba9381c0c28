/** A few line icons of 24 pixels; always beside words, so they say nothing to a screen reader. */
const PATHS = {
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  gallery: "M4 4h16v16H4zM4 16l5-5 5 5 2-2 4 4M15.5 9.5h.01",
  chart: "M4 4v16h16M7 16l4-4 3 2 5-7",
  check: "M4 12.5l5 5L20 6.5",
  clock: "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  up: "M12 19V5M6 11l6-6 6 6",
  noSignal: "M3 3l18 18M5 12a10 10 0 0 1 3-2M19 12a10 10 0 0 0-5-2.8M8.5 15.5a5 5 0 0 1 7 0M12 19.5h.01",
  alert: "M12 4l9 16H3zM12 10v5M12 17.5h.01",
  pin: "M12 21s7-6.5 7-11.5a7 7 0 0 0-14 0C5 14.5 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6.5 6.5-6.5s6.5 2.5 6.5 6.5M15.5 4.5a3.5 3.5 0 0 1 0 6M18 14c2.2.9 3.5 3 3.5 6",
  spark: "M12 3l2.2 6.8L21 12l-6.8 2.2L12 21l-2.2-6.8L3 12l6.8-2.2z",
  phone: "M7 3h10v18H7zM11 18h2",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
