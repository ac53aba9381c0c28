import { ProjectsPage } from "@/features/projects/ProjectsPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/projects/")({ component: ProjectsPage });
