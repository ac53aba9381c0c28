import { useState } from "react";
import type { User } from "@/api/types";
import { signOut } from "./server";
import { t } from "./text";

/** Who is signed in, and the way out; photos that wait stay on the phone, and that is said first. */
export function Account({ user, unsent }: { user: User; unsent: number }) {
  const [isAsking, setAsking] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const leave = () => {
    signOut().then(
      () => location.reload(),
      () => setFailed(true),
    );
  };
  return (
    <footer className="account">
      <span>{user.email}</span>
      {isAsking ? <p>{t("signOutUnsent")}</p> : null}
      <button
        type="button"
        className="plain"
        onClick={() => (unsent > 0 && !isAsking ? setAsking(true) : leave())}
      >
        {t(isAsking ? "signOutAnyway" : "signOut")}
      </button>
      {hasFailed ? (
        <p className="problem" role="alert">
          {t("noServer")}
        </p>
      ) : null}
    </footer>
  );
}
