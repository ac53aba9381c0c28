/** Looks at chosen files before any is sent, by the rules of the server: no React in here. */
import type { Stage } from "@/api/types";
import { stageNamed } from "@/lib/stages";

export const MOST_BYTES = 40 * 2 ** 20;
const HASHES_AT_ONCE = 200;
const HEIF_BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);
const OTHER_IMAGES = /^(GIF8|BM|II\*\0|MM\0\*|8BPS|%PDF-|<svg|<\?xml)/;
const BESIDE = /\.(csv|tsv|md|txt|json|jsonl|xml|ya?ml|parquet|py)$/i;
const BESIDE_NAMES = /(^|\/)(\.[^/]+|thumbs\.db|desktop\.ini|__macosx)(\/|$)/i;

/** A file with the folders it was found in, such as "2026/full-bloom/a.jpg". */
export interface Picked {
  file: File;
  path: string;
}

export interface Planned extends Picked {
  /** Slug of the stage its folder names; empty for none. */
  stage: string;
  /** The project has these very bytes, or an earlier file of the selection does. */
  isKnown: boolean;
}

export interface Refused {
  path: string;
  code: string;
}

export interface FolderSeen {
  name: string;
  stage: Stage | null;
  count: number;
}

export interface Checked {
  planned: Planned[];
  refused: Refused[];
  folders: FolderSeen[];
}

export interface CheckOptions {
  stages: readonly Stage[];
  /** Folders name stages, and a folder that names none is a mistake. */
  byFolder: boolean;
  /** Those of the hashes that the project has. */
  known: (hashes: string[]) => Promise<Set<string>>;
  /** Hex SHA-256 of a file; null where the browser cannot tell. */
  hash: ((file: File) => Promise<string>) | null;
  onProgress?: (done: number, total: number) => void;
}

/** What would come in, what would not and why, and which folder is which stage. */
export async function checkFiles(files: readonly Picked[], options: CheckOptions): Promise<Checked> {
  const photos = files.filter(({ path }) => !BESIDE.test(path) && !BESIDE_NAMES.test(path));
  const result: Checked = { planned: [], refused: [], folders: [] };
  const folders = new Map<string, FolderSeen>();
  const hashes = new Map<string, Planned[]>();
  for (const [index, picked] of photos.entries()) {
    options.onProgress?.(index, photos.length);
    const folder = options.byFolder ? seenIn(folders, picked.path, options.stages) : null;
    const code = await refusalOf(picked.file, folder);
    if (code) {
      result.refused.push({ path: picked.path, code });
      continue;
    }
    const planned: Planned = { ...picked, stage: folder?.stage?.slug ?? "", isKnown: false };
    result.planned.push(planned);
    if (options.hash) await noteHash(planned, options.hash, hashes);
  }
  await markKnown(hashes, options.known);
  options.onProgress?.(photos.length, photos.length);
  return { ...result, folders: [...folders.values()] };
}

/** The folder that decides, innermost first: the first that names a stage, else the innermost. Null outside folders. */
function seenIn(folders: Map<string, FolderSeen>, path: string, stages: readonly Stage[]): FolderSeen | null {
  const names = path.split("/").slice(0, -1).reverse();
  const innermost = names[0];
  if (innermost === undefined) return null;
  const named = names.find((name) => stageNamed(stages, name)) ?? innermost;
  const seen = folders.get(named) ?? { name: named, stage: stageNamed(stages, named), count: 0 };
  seen.count += 1;
  folders.set(named, seen);
  return seen;
}

async function refusalOf(file: File, folder: FolderSeen | null): Promise<string> {
  if (file.size === 0) return "empty";
  if (file.size > MOST_BYTES) return "too_large";
  if (folder && !folder.stage) return "unknown_label";
  return sniffed(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
}

/** Empty for JPEG, PNG, WebP and HEIC; else why the file is none. Its name is not asked. */
export function sniffed(head: Uint8Array): string {
  const text = String.fromCharCode(...head);
  if (text.startsWith("\xff\xd8\xff") || text.startsWith("\x89PNG\r\n\x1a\n")) return "";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "";
  if (text.slice(4, 8) === "ftyp") return HEIF_BRANDS.has(text.slice(8, 12)) ? "" : "unsupported";
  return OTHER_IMAGES.test(text) ? "unsupported" : "not_an_image";
}

async function noteHash(
  planned: Planned,
  hash: (file: File) => Promise<string>,
  hashes: Map<string, Planned[]>,
): Promise<void> {
  const value = await hash(planned.file);
  const same = hashes.get(value);
  planned.isKnown = same !== undefined;
  hashes.set(value, [...(same ?? []), planned]);
}

async function markKnown(hashes: Map<string, Planned[]>, known: CheckOptions["known"]): Promise<void> {
  const all = [...hashes.keys()];
  for (let from = 0; from < all.length; from += HASHES_AT_ONCE) {
    for (const value of await known(all.slice(from, from + HASHES_AT_ONCE))) {
      for (const planned of hashes.get(value) ?? []) planned.isKnown = true;
    }
  }
}

/** Hashing needs a secure page; on others every file is sent, and the server tells what it has. */
export const browserHash: ((file: File) => Promise<string>) | null =
  globalThis.crypto?.subtle === undefined
    ? null
    : async (file) => {
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      };

/** The refused files as a table to save. A name that a spreadsheet would take for a formula gets an apostrophe. */
export function refusedCsv(refused: readonly Refused[], reason: (code: string) => string): string {
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const lines = refused.map(({ path, code }) => [path, code, reason(code)].map(cell).join(","));
  return `\ufeff${["name,code,message", ...lines].join("\r\n")}\r\n`;
}
