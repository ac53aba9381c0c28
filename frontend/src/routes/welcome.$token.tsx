import { createFileRoute, useRouter } from "@tanstack/react-router";
import { WelcomePage } from "@/features/auth/WelcomePage";

export const Route = createFileRoute("/welcome/$token")({
  component: function Welcome() {
    const { token } = Route.useParams();
    const router = useRouter();
    return <WelcomePage token={token} onDone={() => router.history.push("/projects")} />;
  },
});
