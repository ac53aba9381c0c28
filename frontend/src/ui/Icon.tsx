/** Line icons on a 24 px grid, drawn for Antesis. Decorative: the text beside one or its button's label speaks. */
const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 4v4h6V4z",
  dashboard: "M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16",
  review: "M4 5h16v11H4zM8 20h8M9 10.5l2.2 2.2L15.5 8.5",
  grid: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 17l2.2 2.2L20.5 15",
  agreement: "M9 15.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM15 19.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z",
  adjudicate: "M12 4v16M7 20h10M5 8h14M5 8l-2.5 6h5zM19 8l-2.5 6h5z",
  atlas:
    "M12 6.5C10 5 7.500 4.500 4 4.500v13.500c3.500 0 6 .5 8 2 2-1.500 4.500-2 8-2V4.500c-3.500 0-6 .5-8 2zM12 6.500v13.500",
  photos: "M4 5h16v14H4zM4 16l4.5-4.5 3.5 3.5 2.5-2.5L20 18M15.5 9.5h.01",
  map: "M6 8h.01M9 15h.01M12.5 6h.01M14 11h.01M11 11h.01M17.5 16h.01M19 8h.01M6 18.5h.01M14 18h.01",
  import: "M12 4v11M7.5 10.5 12 15l4.5-4.5M4 18v2h16v-2",
  export: "M12 15V4M7.5 8.5 12 4l4.5 4.5M4 18v2h16v-2",
  training: "M4 19V5M4 19h16M7.5 15.5l3.5-4.5 3 2.5 5-7",
  models: "M12 3.5 20 8v8l-8 4.5L4 16V8zM4 8l8 4.5L20 8M12 12.5v8",
  people:
    "M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11zM3 19.5c.5-3.3 2.9-5 6-5s5.5 1.7 6 5M16 5.2a3 3 0 0 1 0 5.6M18 14.8c1.7.7 2.7 2.3 3 4.7",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6",
  signOut: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  language:
    "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17M12 3.5c2.5 2.5 3.5 5.3 3.5 8.5s-1 6-3.5 8.5c-2.5-2.5-3.5-5.3-3.5-8.5s1-6 3.5-8.5z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M5 7h14M10 7V4.5h4V7M6.5 7l1 13h9l1-13",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6 6 18",
  warning: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3h.01",
  info: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 8h.01",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  chevron: "M9 6l6 6-6 6",
  chevronDown: "M6 9l6 6 6-6",
  external: "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
  play: "M8 5l11 7-11 7z",
  stop: "M6.5 6.5h11v11h-11z",
  undo: "M9 15 4 10l5-5M4 10h10a6 6 0 0 1 6 6v3",
  key: "M14.5 13a4.5 4.5 0 1 0-4.3-3.2L4 16v4h4v-3h3v-2.5z",
  folder: "M4 6h6l2 2.5h8V19H4z",
  search: "M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4.5 4.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" || name === "map" ? 2.6 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
