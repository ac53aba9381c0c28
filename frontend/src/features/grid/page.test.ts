import { describe, expect, it } from "vitest";
import { grouped, mergePage, RESERVE_LIMIT, reserveCount, turned } from "./page";
import { tile, tilesOf } from "./testing";

const ids = (items: readonly { photo_id: number }[]) => items.map((item) => item.photo_id);

describe("mergePage", () => {
  it("keeps the tiles on screen in their places and puts the rest behind", () => {
    const reserved = tilesOf([9, 1, 2, 3, 8]);
    const { tiles, next } = mergePage({ tiles: tilesOf([1, 2]), reserved, settled: new Set(), size: 2 });
    expect(ids(tiles)).toEqual([1, 2]);
    expect(ids(next)).toEqual([9, 3, 8]);
  });

  it("renews the lease of a tile but not what it was shown with", () => {
    const before = tile(1, 3);
    const answer = tile(1, 4, { reservation: "renewed" });
    const { tiles } = mergePage({ tiles: [before], reserved: [answer], settled: new Set(), size: 5 });
    expect(tiles[0]).toMatchObject({ reservation: "renewed", suggestion: { position: 3 } });
  });

  it("fills a page with room at its end, and drops what is settled", () => {
    const { tiles, next } = mergePage({
      tiles: tilesOf([1]),
      reserved: tilesOf([1, 5, 6, 7]),
      settled: new Set([5]),
      size: 2,
    });
    expect(ids(tiles)).toEqual([1, 6]);
    expect(ids(next)).toEqual([7]);
  });

  it("keeps a tile that the server no longer holds for us: a decision on it still counts", () => {
    const { tiles } = mergePage({ tiles: tilesOf([1]), reserved: [], settled: new Set(), size: 2 });
    expect(ids(tiles)).toEqual([1]);
  });
});

describe("turned", () => {
  it("never cuts what is on the page already", () => {
    const { tiles, next } = turned(tilesOf([1, 2, 3]), tilesOf([4]), 2);
    expect([ids(tiles), ids(next)]).toEqual([[1, 2, 3], [4]]);
  });
});

describe("grouped", () => {
  it("puts like beside like, in stage order, without changing the order within", () => {
    const groups = grouped([tile(1, 4), tile(2, 3), tile(3, 4), tile(4, 3)]);
    expect(groups.map((group) => [group.stage, ids(group.tiles)])).toEqual([
      [3, [2, 4]],
      [4, [1, 3]],
    ]);
  });
});

describe("reserveCount", () => {
  it("asks for two pages and what is still on its way, within the server's limit", () => {
    expect(reserveCount(20, 0)).toBe(40);
    expect(reserveCount(20, 10)).toBe(50);
    expect(reserveCount(60, 50)).toBe(RESERVE_LIMIT);
    expect(reserveCount(60, 0)).toBe(120);
  });
});
