import { useQuery } from "@tanstack/react-query";
import { createFileRoute, Outlet, redirect } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import { Shell } from "@/app/Shell";
import { isLanguage, setLanguage } from "@/i18n";

/** Everything behind the sign-in. */
export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(queries.session());
    if (!session.user) throw redirect({ to: "/login", search: { next: location.href } });
    const { language } = session.user;
    if (isLanguage(language) && language !== document.documentElement.lang) await setLanguage(language);
  },
  component: function SignedIn() {
    const { data: session } = useQuery(queries.session());
    if (!session?.user) return null;
    return (
      <Shell session={session} user={session.user}>
        <Outlet />
      </Shell>
    );
  },
});
