import { describe, expect, it } from "vitest";
import {
  type CoveredTime,
  dayName,
  isGapAtSite,
  isGapInTime,
  lastDay,
  perHour,
  seasonName,
  seasonOf,
  seasonRows,
  seasonsOf,
  shadeOf,
} from "./coverage";

const row = (day: string | null, photos = 1): CoveredTime => ({
  day,
  labels: [photos, 0],
  waiting: [0, 0],
  unknown: 0,
  other: 0,
  photos,
});

describe("seasons", () => {
  it("belong to the year they begin in", () => {
    expect(seasonOf("2026-12-31", 8)).toBe(2026);
    expect(seasonOf("2027-02-01", 8)).toBe(2026);
    expect(seasonOf("2027-02-01", 1)).toBe(2027);
    expect(seasonName(2026, 1)).toBe("2026");
    expect(seasonName(1999, 8)).toBe("1999/00");
  });

  it("are listed once, the latest first, whatever has no date", () => {
    expect(seasonsOf([row("2025-04-01"), row("2026-05-01"), row("2026-04-01"), row(null)], 1)).toEqual([
      2026, 2025,
    ]);
  });
});

describe("seasonRows", () => {
  it("shows the weeks in which nobody took photos", () => {
    const rows = seasonRows(
      [row("2026-04-06"), row("2026-04-27"), row("2025-04-07"), row(null, 5)],
      "weeks",
      2026,
      1,
    );
    expect(rows.map(({ day, photos }) => [day, photos])).toEqual([
      ["2026-04-06", 1],
      ["2026-04-13", 0],
      ["2026-04-20", 0],
      ["2026-04-27", 1],
      [null, 5],
    ]);
    expect(rows[1]?.labels).toEqual([0, 0]);
  });

  it("goes through the turn of the year by months", () => {
    const rows = seasonRows([row("2026-11-01"), row("2027-01-01")], "months", 2026, 10);
    expect(rows.map(({ day }) => day)).toEqual(["2026-11-01", "2026-12-01", "2027-01-01"]);
  });

  it("has nothing to show of an empty project", () => {
    expect(seasonRows([], "weeks", 2026, 1)).toEqual([]);
  });
});

describe("days", () => {
  it("end a week on Sunday and a month on its last day, a leap year's too", () => {
    expect(lastDay("2026-04-06", "weeks")).toBe("2026-04-12");
    expect(lastDay("2028-02-01", "months")).toBe("2028-02-29");
  });

  it("are named in UTC, whatever the clock of the reader", () => {
    expect(dayName("2026-04-06", "weeks", "en-GB")).toBe("6 Apr");
    expect(dayName("2026-04-01", "months", "es")).toBe("abril de 2026");
  });
});

describe("shadeOf", () => {
  it("leaves zero blank, and never lands between pale and dark", () => {
    expect(shadeOf(0, 50)).toEqual({ alpha: 0, isDark: false });
    expect(shadeOf(0, 0).alpha).toBe(0);
    for (let value = 1; value <= 100; value += 1) {
      const { alpha, isDark } = shadeOf(value, 100);
      expect(isDark ? alpha >= 0.88 && alpha <= 1 : alpha < 0.33).toBe(true);
    }
  });
});

describe("perHour", () => {
  it("says nothing of a few minutes", () => {
    expect(perHour(9, 299)).toBeNull();
    expect(perHour(600, 7200)).toBe(300);
  });
});

describe("gaps", () => {
  const covered = (labels: number, waiting: number, photos: number) => ({
    labels: [labels],
    waiting: [waiting],
    unknown: 0,
    other: 0,
    photos,
  });

  it("are asked of sites with many photos only", () => {
    expect(isGapAtSite(covered(9, 0, 50), 0)).toBe(true);
    expect(isGapAtSite(covered(10, 0, 50), 0)).toBe(false);
    expect(isGapAtSite(covered(0, 9, 49), 0)).toBe(false);
  });

  it("are seen in a week whose photos of the stage wait", () => {
    expect(isGapInTime(covered(0, 3, 3), 0)).toBe(true);
    expect(isGapInTime(covered(1, 3, 4), 0)).toBe(false);
    expect(isGapInTime(covered(0, 0, 9), 0)).toBe(false);
  });
});
