import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./grower.css";
import { language, t } from "./text";

document.documentElement.lang = language;
document.title = t("title");

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);

// Its folder is its scope: the experts' pages are never served from here.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js", { scope: "/u/" }).catch(() => undefined);
}
