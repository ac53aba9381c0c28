import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { queries } from "./queries";

/** Loader of pages that hand out photos: who has to practise first is taken there. */
export async function practiseFirst(client: QueryClient, slug: string): Promise<void> {
  const project = await client.ensureQueryData(queries.project(slug));
  if (project.must_practise) throw redirect({ to: "/p/$slug/practice", params: { slug } });
}
