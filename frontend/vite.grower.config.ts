import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const BASE = "/static/";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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
        const hash = createHash("sha256");
        const files: string[] = [];
        for (const output of Object.values(bundle)) {
          if (!output.fileName.startsWith("assets/")) continue;
          files.push(BASE + output.fileName);
          hash.update(output.fileName);
        }
        hash.update(worker.code);
        const list = {
          version: hash.digest("hex").slice(0, 12),
          files: [...files.sort(), `${BASE}favicon.svg`],
        };
        worker.code = `self.__P=${JSON.stringify(list)};${worker.code}`;
      },
    },
  };
}

/** The growers' page: a bundle of its own on Preact, written into the same folder after the main one. */
export default defineConfig(({ command }) => ({
  base: command === "build" ? BASE : "/",
  plugins: [precacheList()],
  resolve: {
    alias: [
      { find: "@", replacement: at("./src") },
      { find: "react/jsx-runtime", replacement: "preact/jsx-runtime" },
      { find: "react/jsx-dev-runtime", replacement: "preact/jsx-dev-runtime" },
      { find: "react-dom/client", replacement: "preact/compat/client" },
      { find: "react-dom", replacement: "preact/compat" },
      { find: "react", replacement: "preact/compat" },
    ],
  },
  server: { port: 5174, proxy: { "/api": process.env.ANTESIS_BACKEND ?? "http://127.0.0.1:8000" } },
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: ".vite/manifest.grower.json",
    target: "es2022",
    rollupOptions: {
      input: { grower: at("./grower.html"), sw: at("./src/sw/sw.ts") },
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
}));
