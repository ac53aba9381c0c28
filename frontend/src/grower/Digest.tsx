import { useState } from "react";
import type { Session, User } from "@/api/types";
import { setDigest } from "./server";
import { t } from "./text";

/** The weekly e-mail, where the site sends any: off until it is asked for. */
export function Digest({ user, onSession }: { user: User; onSession: (session: Session) => void }) {
  const [hasFailed, setFailed] = useState(false);
  const change = (isWanted: boolean) => {
    setFailed(false);
    setDigest(user, isWanted).then(onSession, () => setFailed(true));
  };
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={user.preferences.weekly_digest === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
        {t("digest.label")}
      </label>
      {hasFailed ? (
        <p className="problem" role="alert">
          {t("digest.failed")}
        </p>
      ) : null}
    </>
  );
}
