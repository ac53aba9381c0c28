import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { onSignInNeeded } from "@/api/client";
import { closeQuestion, currentQuestion, onQuestion } from "@/ui/confirm";

// None of these is needed to paint a page.
const ConfirmDialog = lazy(() => import("./ConfirmDialog"));
const SignInDialog = lazy(() => import("@/features/auth/SignInDialog"));
const Messages = lazy(() => import("./Messages"));

/** What may lie above any page: messages, a question, signing in again after a session ended. */
export function Overlays() {
  const question = useSyncExternalStore(onQuestion, currentQuestion);
  const [isSigningIn, setIsSigningIn] = useState(false);
  const answer = useRef<((signedIn: boolean) => void) | null>(null);

  useEffect(() => {
    onSignInNeeded(
      () =>
        new Promise((resolve) => {
          answer.current = resolve;
          setIsSigningIn(true);
        }),
    );
    return () => onSignInNeeded(null);
  }, []);

  const finish = (signedIn: boolean) => {
    setIsSigningIn(false);
    answer.current?.(signedIn);
    answer.current = null;
  };

  return (
    <Suspense fallback={null}>
      <Messages />
      {question ? <ConfirmDialog question={question} onClose={closeQuestion} /> : null}
      {isSigningIn ? <SignInDialog onDone={finish} /> : null}
    </Suspense>
  );
}
