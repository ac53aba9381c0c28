import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "@/api/types";
import { timelineOf } from "./timeline";

function event(at: string, part: Partial<HistoryEvent> = {}): HistoryEvent {
  return {
    at,
    kind: "annotation",
    who: "Pablo",
    is_mine: false,
    said: { kind: "stage", stage_position: 2, stage_upper_position: null, reason: "", note: "" },
    mode: "single",
    is_blind: false,
    shown: null,
    lead_time_ms: null,
    ...part,
  };
}
const SENT_BACK: HistoryEvent["said"] = {
  kind: "send_back",
  stage_position: null,
  stage_upper_position: null,
  reason: "",
  note: "Look",
};

describe("a photo's history", () => {
  const events = [
    event("2026-04-01T10:00:00Z", { is_mine: true }),
    event("2026-04-02T10:00:00Z"),
    event("2026-04-03T10:00:00Z", { kind: "consensus" }),
    event("2026-04-04T10:00:00Z", { kind: "adjudication", said: SENT_BACK }),
    event("2026-04-05T10:00:00Z", { kind: "adjudication" }),
  ];

  it("keeps from those who have not decided whatever would decide for them", () => {
    const { events: shown, hidesOthers } = timelineOf({ events }, false);
    expect(shown.map(({ at }) => at.slice(8, 10))).toEqual(["04", "01"]);
    expect(hidesOthers).toBe(true);
  });

  it("shows all afterwards, newest first", () => {
    const { events: shown, hidesOthers } = timelineOf({ events }, true);
    expect(shown.map(({ at }) => at.slice(8, 10))).toEqual(["05", "04", "03", "02", "01"]);
    expect(hidesOthers).toBe(false);
  });

  it("turns round events of one moment as well", () => {
    const now = "2026-04-01T10:00:00Z";
    const both = [event(now, { kind: "annotation" }), event(now, { kind: "consensus" })];
    expect(timelineOf({ events: both }, true).events.map(({ kind }) => kind)).toEqual([
      "consensus",
      "annotation",
    ]);
  });
});
