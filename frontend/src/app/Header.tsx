import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session, User } from "@/api/types";
import { Logo } from "@/ui/Logo";
import { LanguageToggle, ThemeToggle } from "@/ui/Preferences";
import classes from "./Header.module.css";

// Menus position themselves by a library of 28 KiB: they follow the first paint instead of holding it up.
const ProjectSwitcher = lazy(() =>
  import("./HeaderMenus").then((menus) => ({ default: menus.ProjectSwitcher })),
);
const AccountMenu = lazy(() => import("./HeaderMenus").then((menus) => ({ default: menus.AccountMenu })));

export function Header({ session, user, slug }: { session: Session; user: User; slug: string | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const rememberLanguage = async (language: string) => {
    client.setQueryData(queries.session().queryKey, await api.patch<Session>("/session", { language }));
  };
  return (
    <header className={classes.header}>
      <Link to="/projects" className={classes.brand} aria-label={t("nav.allProjects")}>
        <Logo />
        <span className={classes.name}>{t("app")}</span>
      </Link>
      {slug ? (
        <Suspense fallback={null}>
          <ProjectSwitcher session={session} slug={slug} />
        </Suspense>
      ) : null}
      <span className={classes.spring} />
      <LanguageToggle onChange={(language) => void rememberLanguage(language)} />
      <ThemeToggle />
      <Suspense fallback={<span className={classes.menuPlace} />}>
        <AccountMenu user={user} />
      </Suspense>
    </header>
  );
}
