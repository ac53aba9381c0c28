import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/client";
import type { Session } from "@/api/types";
import { signIn } from "./server";
import { type TextKey, t } from "./text";

function problemOf(error: unknown): TextKey {
  if (!(error instanceof ApiError) || error.status === 0) return "noServer";
  return error.status === 429 ? "throttled" : "badCredentials";
}

export function SignIn({ onSession }: { onSession: (session: Session) => void }) {
  const [problem, setProblem] = useState<TextKey | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      onSession(await signIn(String(form.get("email")), String(form.get("password"))));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card" onSubmit={(event) => void submit(event)}>
      <h2>{t("signIn")}</h2>
      <p className="quiet">{t("signInHint")}</p>
      <label className="field">
        {t("email")}
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label className="field">
        {t("password")}
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {problem ? (
        <p className="problem" role="alert">
          {t(problem)}
        </p>
      ) : null}
      <button type="submit" className="primary" disabled={isBusy}>
        {t("signIn")}
      </button>
    </form>
  );
}
