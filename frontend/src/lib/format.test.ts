import { describe, expect, it } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatNumber, formatPercent } from "./format";

describe("numbers", () => {
  it("follow the language", () => {
    expect(formatNumber(12_345.6, "es", 1)).toBe("12.345,6");
    expect(formatNumber(12_345.6, "en", 1)).toBe("12,345.6");
    expect(formatPercent(0.825, "en", 1)).toBe("82.5%");
  });

  it("show a dash for what is not known", () => {
    expect(formatNumber(null, "es")).toBe("–");
    expect(formatPercent(Number.NaN, "es")).toBe("–");
    expect(formatDuration(null)).toBe("–");
    expect(formatAgo(null, "es")).toBe("–");
  });
});

describe("durations", () => {
  it("use the two largest units", () => {
    expect(formatDuration(12.4)).toBe("12 s");
    expect(formatDuration(200)).toBe("3 min 20 s");
    expect(formatDuration(3840)).toBe("1 h 04 min");
  });
});

describe("formatAgo", () => {
  const now = Date.parse("2027-03-01T12:00:00Z");

  it("picks the unit", () => {
    expect(formatAgo("2027-03-01T11:57:00Z", "en", now)).toBe("3 minutes ago");
    expect(formatAgo("2027-02-28T12:00:00Z", "es", now)).toBe("ayer");
  });

  it("becomes a date after a month", () => {
    expect(formatAgo("2026-12-01T12:00:00Z", "en", now)).toContain("2026");
  });
});

describe("formatBytes", () => {
  it("uses MB from a million on", () => {
    expect(formatBytes(3_460_000, "en")).toBe("3.5 MB");
    expect(formatBytes(2_400, "en")).toBe("2 kB");
  });
});
