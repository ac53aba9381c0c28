import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const BASE = "/static/";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The growers' page: a bundle of its own on Preact, written into the same folder after the main one. */
export default defineConfig(({ command }) => ({
  base: command === "build" ? BASE : "/",
  resolve: {
    alias: [
      { find: "@", replacement: at("./src") },
      { find: "react/jsx-runtime", replacement: "preact/jsx-runtime" },
      { find: "react/jsx-dev-runtime", replacement: "preact/jsx-dev-runtime" },
      { find: "react-dom/client", replacement: at("./src/grower/preact.ts") },
      { find: "react", replacement: at("./src/grower/preact.ts") },
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
      input: { grower: at("./grower.html") },
    },
  },
}));
