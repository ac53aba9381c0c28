import { useMatches, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MembershipOfMine, Role, Session, User } from "@/api/types";
import { Header } from "./Header";
import { pagesFor } from "./navigation";
import classes from "./Shell.module.css";
import { SideNav } from "./SideNav";
import { TabBar } from "./TabBar";

/** An admin of the whole installation may open projects without being a member. */
function roleIn(memberships: readonly MembershipOfMine[], slug: string, user: User): Role | null {
  const own = memberships.find((membership) => membership.project_slug === slug);
  if (own) return own.role;
  return user.is_staff ? "admin" : null;
}

/** Header, menu and page: what stays while pages change. */
export function Shell({ session, user, children }: { session: Session; user: User; children: ReactNode }) {
  const { t } = useTranslation();
  const { slug } = useParams({ strict: false });
  const bleed = useMatches({ select: (matches) => matches.some((match) => match.staticData.bleed) });
  const role = slug ? roleIn(session.memberships, slug, user) : null;
  const pages = role ? pagesFor(role) : [];
  return (
    <div className={classes.shell} data-project={slug ? true : undefined} data-bleed={bleed || undefined}>
      <a className="skip-link" href="#content">
        {t("skip")}
      </a>
      <Header session={session} user={user} slug={slug ?? null} />
      {slug && pages.length > 0 ? <SideNav slug={slug} pages={pages} /> : null}
      <main id="content" className={classes.main} tabIndex={-1}>
        {bleed ? children : <div className={classes.page}>{children}</div>}
      </main>
      {slug && pages.length > 0 && !bleed ? <TabBar slug={slug} pages={pages} /> : null}
    </div>
  );
}
