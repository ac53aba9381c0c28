import { ActionIcon, Button, Menu, type MenuItemProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Session, User } from "@/api/types";
import { Icon } from "@/ui/Icon";
import type { AsLink } from "@/ui/links";
import classes from "./Header.module.css";
import { useSignOut } from "./signOut";

const LinkMenuItem = createLink((props: AsLink<MenuItemProps>) => <Menu.Item component="a" {...props} />);

export function ProjectSwitcher({ session, slug }: { session: Session; slug: string }) {
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

export function AccountMenu({ user }: { user: User }) {
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
