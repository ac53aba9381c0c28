/**
 * Colours of ordered stages: viridis from dark to light, told apart under the three colour-vision deficiencies.
 * A colour never stands alone: chips show the stage's digit and an outline as well.
 */
const ANCHORS: readonly [string, ...string[]] = [
  "#440154",
  "#453581",
  "#33628d",
  "#23888e",
  "#26ad81",
  "#6ccd5a",
  "#d2e21b",
];

type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function format([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of stage `position` (0-based) of a scale of `count` stages. */
export function stageColor(position: number, count: number): string {
  const last = ANCHORS.length - 1;
  const place = count <= 1 ? 0 : (Math.min(Math.max(position, 0), count - 1) / (count - 1)) * last;
  const low = Math.min(Math.floor(place), last - 1);
  const from = parse(ANCHORS[low] ?? ANCHORS[0]);
  const to = parse(ANCHORS[low + 1] ?? ANCHORS[low] ?? ANCHORS[0]);
  const share = place - low;
  return format([
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ]);
}

/** Relative luminance of WCAG 2, 0 to 1. */
export function luminance(hex: string): number {
  const [red, green, blue] = parse(hex).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever reads better on `hex`. */
export function inkOn(hex: string): "#000000" | "#ffffff" {
  const light = luminance(hex);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}
