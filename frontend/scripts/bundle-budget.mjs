/**
 * Keeps the downloads small: gzip sizes of what the shell needs at once and of what each route adds, read from the
 * build's manifest. Exits with 1 over budget. Run after `npm run build`.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const KIB = 1024;
const BUDGET_KIB = { shell: 190, language: 16, dialogs: 75, route: 40, grower: 30, worker: 8 };

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));
const sizes = new Map();

function size(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, DIST))).length);
  return sizes.get(file);
}

/** All files that `key` loads at once: itself, its styles and its static imports. */
function closure(key, seen = new Set(), files = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) closure(imported, seen, files);
  return files;
}

const total = (files) => [...files].reduce((sum, file) => sum + size(file), 0) / KIB;

/** The chunks that index.html names: the shell is one of its own, which the manifest lists under no page. */
const html = readFileSync(new URL("index.html", DIST), "utf8");
const named = [...html.matchAll(/(?:src|href)="\/static\/(assets\/[^"]+)"/g)].map((match) => match[1]);
const entries = Object.keys(manifest).filter((key) => named.includes(manifest[key].file));
const shellRoute = Object.keys(manifest).find((key) => /routes\/_app\.tsx\?tsr-split=component/.test(key));
const language = Object.keys(manifest).find((key) => key.endsWith("i18n/es.ts"));
if (entries.length === 0 || !shellRoute || !language)
  throw new Error("The manifest lacks the entry, the shell or a language.");
const shell = new Set([...named, ...[...entries, shellRoute].flatMap((key) => [...closure(key)])]);

const texts = [...closure(language)].filter((file) => !shell.has(file));
const rows = [
  ["shell", total(shell), BUDGET_KIB.shell],
  ["one language", total(texts), BUDGET_KIB.language],
];
// Menus and dialogs follow the first paint of any page; what they bring, no route brings again.
const dialogs = new Set(
  Object.keys(manifest)
    .filter((key) =>
      /app\/(HeaderMenus|ConfirmDialog|Messages|MoreDrawer)\.tsx$|auth\/SignInDialog\.tsx$/.test(key),
    )
    .flatMap((key) => [...closure(key)])
    .filter((file) => !shell.has(file)),
);
rows.push(["menus and dialogs, after paint", total(dialogs), BUDGET_KIB.dialogs]);
for (const key of Object.keys(manifest)) {
  const name = /routes\/(.+)\.tsx\?tsr-split=component/.exec(key)?.[1];
  if (!name || key === shellRoute) continue;
  const added = [...closure(key)].filter((file) => !shell.has(file) && !dialogs.has(file));
  rows.push([name, total(added), BUDGET_KIB.route]);
}

// The growers' page is a build of its own: its files, of its two languages the larger.
const grower = Object.entries(JSON.parse(readFileSync(new URL(".vite/manifest.grower.json", DIST), "utf8")));
const languages = grower.filter(([key]) => key.includes("i18n/")).map(([, chunk]) => total([chunk.file]));
const page = grower
  .filter(([key]) => !key.includes("i18n/"))
  .flatMap(([, chunk]) => [chunk.file, ...(chunk.css ?? [])]);
if (languages.length !== 2) throw new Error("The growers' page lacks a language.");
rows.push(["growers' page", total(new Set(page)) + Math.max(...languages), BUDGET_KIB.grower]);
rows.push(["service worker", total(["sw.js"]), BUDGET_KIB.worker]);

let isOver = false;
for (const [name, kib, limit] of rows) {
  const over = kib > limit;
  isOver ||= over;
  process.stdout.write(
    `${over ? "OVER " : "     "}${name.padEnd(34)} ${kib.toFixed(1).padStart(6)} / ${limit} KiB gz\n`,
  );
}
process.exit(isOver ? 1 : 0);
