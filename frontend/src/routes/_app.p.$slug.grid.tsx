import { createFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { practiseFirst } from "@/api/practice";
import { GridPage } from "@/features/grid/GridPage";
import type { Choice } from "@/features/grid/lot";

interface GridSearch {
  stage?: number;
  boundary?: number;
}

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

function choiceOf({ stage, boundary }: GridSearch): Choice | null {
  if (stage !== undefined) return { kind: "stage", position: stage };
  return boundary === undefined ? null : { kind: "boundary", position: boundary };
}

export const Route = createFileRoute("/_app/p/$slug/grid")({
  staticData: { bleed: true },
  validateSearch: (search: Record<string, unknown>): GridSearch => ({
    stage: whole(search.stage),
    boundary: whole(search.boundary),
  }),
  loader: ({ context, params }) => practiseFirst(context.queryClient, params.slug),
  component: function Page() {
    const { slug } = Route.useParams();
    const search = Route.useSearch();
    const navigate = Route.useNavigate();
    const onChoice = useCallback(
      (choice: Choice) => void navigate({ search: { [choice.kind]: choice.position }, replace: true }),
      [navigate],
    );
    return <GridPage slug={slug} choice={choiceOf(search)} onChoice={onChoice} />;
  },
});
