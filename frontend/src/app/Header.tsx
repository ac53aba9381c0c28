import { ActionIcon, Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { queries } from "@/api/queries";
import type { Session, User } from "@/api/types";
import { Icon } from "@/ui/Icon";
import { Logo } from "@/ui/Logo";
import { LinkMenuItem } from "@/ui/links";
import { LanguageMenu, ThemeToggle } from "@/ui/Preferences";
import classes from "./Header.module.css";
import { useSignOut } from "./signOut";

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
      {slug ? <ProjectSwitcher session={session} slug={slug} /> : null}
      <span className={classes.spring} />
      <LanguageMenu onChange={(language) => void rememberLanguage(language)} />
      <ThemeToggle />
      <AccountMenu user={user} />
    </header>
  );
}

function ProjectSwitcher({ session, slug }: { session: Session; slug: string }) {
  const { t } = useTranslation();
  const current = session.memberships.find((membership) => membership.project_slug === slug);
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={classes.switcher}
          rightSection={<Icon name="chevronDown" size={16} />}
          title={t("nav.switchProject")}
        >
          {current?.project_name ?? slug}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.memberships.map((membership) =>
          membership.role === "grower" ? (
            <Menu.Item key={membership.project_slug} component="a" href={`/u/${membership.project_slug}`}>
              {membership.project_name}
            </Menu.Item>
          ) : (
            <LinkMenuItem
              key={membership.project_slug}
              to="/p/$slug"
              params={{ slug: membership.project_slug }}
              rightSection={membership.project_slug === slug ? <Icon name="check" size={16} /> : null}
            >
              {membership.project_name}
            </LinkMenuItem>
          ),
        )}
        <Menu.Divider />
        <LinkMenuItem to="/projects" leftSection={<Icon name="folder" size={18} />}>
          {t("nav.allProjects")}
        </LinkMenuItem>
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu({ user }: { user: User }) {
  const { t } = useTranslation();
  const signOut = useSignOut(user);
  const name = user.full_name || user.email;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={t("nav.accountMenu", { name })} title={name}>
          <Icon name="account" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <LinkMenuItem to="/account" leftSection={<Icon name="settings" size={18} />}>
          {t("nav.account")}
        </LinkMenuItem>
        <Menu.Item leftSection={<Icon name="signOut" size={18} />} onClick={signOut}>
          {t("nav.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
