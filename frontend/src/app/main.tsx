import "./mantine";
import "./app.css";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { startI18n } from "@/i18n";
import { Providers } from "./providers";
import { router } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root element.");

await startI18n();
createRoot(root).render(
  <Providers>
    <RouterProvider router={router} />
  </Providers>,
);
