import { AccountPage } from "@/features/auth/AccountPage";
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/account")({ component: AccountPage });
