import { createFileRoute, useRouter } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import { LoginPage } from "@/features/auth/LoginPage";

/** Only paths of this site: an address from elsewhere must not become the page after signing in. */
function localPath(next: unknown): string | undefined {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : undefined;
}

export const Route = createFileRoute("/login")({
  validateSearch: (search: Record<string, unknown>): { next?: string } => ({ next: localPath(search.next) }),
  loader: ({ context }) => context.queryClient.ensureQueryData(queries.session()),
  component: function Login() {
    const { next } = Route.useSearch();
    const router = useRouter();
    return <LoginPage onDone={() => router.history.push(next ?? "/projects")} />;
  },
});
