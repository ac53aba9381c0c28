import { useEffect, useState } from "react";
import type { MembershipOfMine, Session, User } from "@/api/types";
import { Account } from "./Account";
import { Home } from "./Home";
import { SignIn } from "./SignIn";
import { readSession } from "./server";
import { t } from "./text";

/** The slug in /u/{slug}; empty at /u/. */
function slugInAddress(): string {
  return decodeURIComponent(/^\/u\/([^/]+)/.exec(location.pathname)?.[1] ?? "");
}

export function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    const read = () => readSession().then(setSession, () => setLost(true));
    void read();
    const again = () => void read();
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, []);
  return (
    <>
      <header className="top">
        <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width={26} height={26} />
        <strong>Antesis</strong>
      </header>
      <main>
        {session ? <Inside session={session} onSession={setSession} /> : null}
        {session ? null : <p className="quiet center">{isLost ? t("noServer") : t("loading")}</p>}
      </main>
    </>
  );
}

function Inside({ session, onSession }: { session: Session; onSession: (session: Session) => void }) {
  if (!session.user) return <SignIn onSession={onSession} />;
  return (
    <InProject
      user={session.user}
      memberships={session.memberships}
      hasEmail={session.has_email}
      onSession={onSession}
    />
  );
}

interface InProjectProps {
  user: User;
  memberships: MembershipOfMine[];
  hasEmail: boolean;
  onSession: (session: Session) => void;
}

function InProject({ user, memberships, hasEmail, onSession }: InProjectProps) {
  const [slug, setSlug] = useState(() => {
    const wanted = slugInAddress() || localStorage.getItem("antesis.grower.project");
    const found = memberships.find((membership) => membership.project_slug === wanted) ?? memberships[0];
    return found?.project_slug ?? "";
  });
  const membership = memberships.find((each) => each.project_slug === slug);
  if (!membership)
    return (
      <>
        <p className="card">{t("noProject")}</p>
        <Account user={user} unsent={0} />
      </>
    );
  const choose = (next: string) => {
    localStorage.setItem("antesis.grower.project", next);
    setSlug(next);
  };
  return (
    <>
      {memberships.length > 1 ? (
        <label className="card field">
          {t("project")}
          <select value={slug} onChange={(event) => choose(event.currentTarget.value)}>
            {memberships.map((each) => (
              <option key={each.project_slug} value={each.project_slug}>
                {each.project_name}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <h1>{membership.project_name}</h1>
      )}
      <Home
        key={slug}
        user={user}
        slug={slug}
        isExpert={membership.role !== "grower"}
        hasEmail={hasEmail}
        onSession={onSession}
      />
    </>
  );
}
