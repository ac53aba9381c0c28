/** Where the points of a plot's timeline go. No React: numbers in, numbers out. */
import type { PlotPoint } from "@/api/types";

export const WIDTH = 340;
export const ROW = 34;
const LEFT = 132;
const RIGHT = 14;
const TOP = 8;
const AXIS = 24;
const DAY_MS = 24 * 3600_000;

export interface Dot {
  point: PlotPoint;
  x: number;
  y: number;
  /** Ends of the margin, upper end first. */
  margin: [number, number];
}

export interface Timeline {
  height: number;
  /** Stages that are drawn, the earliest at the bottom: its position and the middle of its row. */
  rows: { position: number; y: number }[];
  dots: Dot[];
  ticks: { time: number; x: number }[];
  left: number;
  right: number;
  bottom: number;
}

/** Lays out `points` (in order of time) over the stages they touch and their neighbours. */
export function timelineOf(points: readonly PlotPoint[], nStages: number): Timeline {
  const positions = points.flatMap(({ answer }) => [
    answer.lower_position ?? 0,
    answer.upper_position ?? 0,
    answer.stage_position ?? 0,
  ]);
  const first = Math.max(0, Math.min(...positions) - 1);
  const last = Math.min(nStages - 1, Math.max(...positions) + 1);
  const y = (position: number) => TOP + (last - position + 0.5) * ROW;
  const times = points.map(({ at }) => Date.parse(at));
  const start = Math.min(...times);
  // A single day is drawn in the middle of three, not on the edge.
  const isDay = Math.max(...times) - start < DAY_MS;
  const from = isDay ? start - DAY_MS : start;
  const to = isDay ? start + DAY_MS : Math.max(...times);
  const x = (time: number) => LEFT + 14 + ((time - from) / (to - from)) * (WIDTH - LEFT - RIGHT - 28);
  const rows = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    height: TOP + rows.length * ROW + AXIS,
    rows: rows.map((position) => ({ position, y: y(position) })),
    dots: points.map((point, index) => ({
      point,
      x: x(times[index] ?? from),
      y: y(point.answer.stage_position ?? 0),
      margin: [y(point.answer.upper_position ?? 0), y(point.answer.lower_position ?? 0)],
    })),
    ticks: isDay
      ? [{ time: start, x: x(start) }]
      : [from, (from + to) / 2, to].map((time) => ({ time, x: x(time) })),
    left: LEFT,
    right: WIDTH - RIGHT,
    bottom: TOP + rows.length * ROW,
  };
}
