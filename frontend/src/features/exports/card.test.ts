import { describe, expect, it } from "vitest";
import { cardBlocks } from "./card";

const CARD = `---
license: cc0
tags:
- phenology
---

# Manzanos \\*del\\* valle

## Contents

- Rows: 12
- Content hash: \`abc\`

## Stages

| position | name |
|---:|---|
| 0 | \`bud\\|x\` |
| 1 | - |
`;

describe("cardBlocks", () => {
  it("reads what our cards are made of", () => {
    expect(cardBlocks(CARD)).toEqual([
      { kind: "title", text: "Manzanos *del* valle" },
      { kind: "heading", text: "Contents" },
      { kind: "list", items: ["Rows: 12", "Content hash: abc"] },
      { kind: "heading", text: "Stages" },
      {
        kind: "table",
        head: ["position", "name"],
        rows: [
          ["0", "bud|x"],
          ["1", "-"],
        ],
      },
    ]);
  });
});
