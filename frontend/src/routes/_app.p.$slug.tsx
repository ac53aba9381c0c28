import { createFileRoute, Outlet } from "@tanstack/react-router";
import { queries } from "@/api/queries";

/** Every page of a project may count on the project being in the cache. */
export const Route = createFileRoute("/_app/p/$slug")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(queries.project(params.slug)),
  component: Outlet,
});
