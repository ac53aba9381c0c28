import { createFileRoute } from "@tanstack/react-router";
import { CreateProjectPage } from "@/features/projects/CreateProjectPage";

export const Route = createFileRoute("/_app/projects/new")({ component: CreateProjectPage });
