import { fileURLToPath } from "node:url";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds Django; the built shell is served by Django itself. */
const backend = process.env.ANTESIS_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  // In development Vite itself answers the routes of the application, so it must own the root.
  base: command === "build" ? "/static/" : "/",
  plugins: [tanstackRouter({ target: "react", autoCodeSplitting: true }), react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    proxy: { "/api": backend, "/accounts": backend, "/admin": backend, "/media": backend },
  },
  build: {
    outDir: "dist",
    // The policy of the page allows no inline data and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    target: "es2022",
    rolldownOptions: {
      output: {
        // What the first paint needs is one file: as many small ones they compress worse, cost a request each, and every
        // route carries the list of those it would load.
        codeSplitting: { groups: [{ name: "shell", tags: ["$initial"] }] },
      },
    },
  },
}));
