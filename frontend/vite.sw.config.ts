import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const BASE = "/static/";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
}

/** The files of the growers' page, which was built before. */
function pageFiles(): string[] {
  const manifest = JSON.parse(readFileSync(at("./dist/.vite/manifest.grower.json"), "utf8")) as Record<
    string,
    Chunk
  >;
  const files = Object.values(manifest).flatMap(({ file, css = [], assets = [] }) => [
    file,
    ...css,
    ...assets,
  ]);
  return [...new Set(files)].filter((file) => file.startsWith("assets/")).sort();
}

/**
 * Tells the service worker which files make up the page. In front of its code rather than in a placeholder: the minifier
 * rewrites strings.
 */
function precacheList(): Plugin {
  return {
    name: "antesis-precache-list",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = Object.values(bundle).find(({ fileName }) => fileName === "sw.js");
        if (worker?.type !== "chunk") throw new Error("no service worker in the bundle");
        const files = pageFiles();
        if (files.length === 0) throw new Error("the growers' page has no files: build it first");
        const hash = createHash("sha256").update(files.join()).update(worker.code);
        const list = {
          version: hash.digest("hex").slice(0, 12),
          files: [...files.map((file) => BASE + file), `${BASE}favicon.svg`],
        };
        worker.code = `self.__P=${JSON.stringify(list)};${worker.code}`;
      },
    },
  };
}

/** The service worker: one file of its own, since a classic worker imports nothing. Built after the growers' page. */
export default defineConfig({
  base: BASE,
  plugins: [precacheList()],
  resolve: { alias: { "@": at("./src") } },
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    rollupOptions: {
      input: { sw: at("./src/sw/sw.ts") },
      output: { entryFileNames: "sw.js", format: "iife" },
    },
  },
});
