import { createRouter } from "@tanstack/react-router";
import { routeTree } from "@/routeTree.gen";
import { CrashPage, NotFoundPage } from "./errors";
import { queryClient } from "./queryClient";

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** The page fills the screen below the header and draws its own margins. */
    bleed?: boolean;
  }
}
