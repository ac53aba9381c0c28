/** The dataset card as blocks to draw. Only what our own cards use of Markdown is understood; the rest is text. */

export type Block =
  | { kind: "title" | "heading" | "text"; text: string }
  | { kind: "list"; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] };

export function cardBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  for (const line of withoutFrontMatter(markdown)) {
    if (!line.trim()) continue;
    const last = blocks.at(-1);
    if (line.startsWith("# ")) blocks.push({ kind: "title", text: plain(line.slice(2)) });
    else if (line.startsWith("## ")) blocks.push({ kind: "heading", text: plain(line.slice(3)) });
    else if (line.startsWith("- ")) addItem(blocks, last, plain(line.slice(2)));
    else if (line.startsWith("|")) addRow(blocks, last, line);
    else blocks.push({ kind: "text", text: plain(line) });
  }
  return blocks;
}

function withoutFrontMatter(markdown: string): string[] {
  const lines = markdown.split("\n");
  if (lines[0] !== "---") return lines;
  return lines.slice(lines.indexOf("---", 1) + 1);
}

function addItem(blocks: Block[], last: Block | undefined, item: string): void {
  if (last?.kind === "list") last.items.push(item);
  else blocks.push({ kind: "list", items: [item] });
}

function addRow(blocks: Block[], last: Block | undefined, line: string): void {
  const cells = line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => plain(cell.trim()));
  if (last?.kind !== "table") blocks.push({ kind: "table", head: cells, rows: [] });
  else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) last.rows.push(cells);
}

/** Without code marks and without the backslashes that keep people's words from acting as Markdown. */
function plain(text: string): string {
  return text.replace(/\\(.)|`/g, "$1");
}
