import { describe, expect, it } from "vitest";
import { axisOf } from "./plantAxis";

const photo = (taken_at: string | null, is_current = false) => ({ taken_at, is_current });

describe("the dates of a plant", () => {
  it("says the year where it begins and on the current photo", () => {
    const photos = [
      photo("2025-04-18T12:00:00Z"),
      photo("2025-05-02T12:00:00Z"),
      photo("2026-04-01T12:00:00Z"),
      photo("2026-04-09T12:00:00Z", true),
    ];
    expect(axisOf(photos, "en").map(({ year }) => year)).toEqual(["2025", "", "2026", "2026"]);
  });

  it("writes days in the person's language, and nothing where there is no date", () => {
    const photos = [photo("2025-04-18T12:00:00Z"), photo(null), photo("2025-04-19T12:00:00Z")];
    expect(axisOf(photos, "es").map(({ day }) => day)).toEqual(["18 abr", "", "19 abr"]);
    // An unknown date between two of one year begins no new year.
    expect(axisOf(photos, "es").map(({ year }) => year)).toEqual(["2025", "", ""]);
  });
});
