import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui/Icon";
import type { PageLink } from "./navigation";
import classes from "./SideNav.module.css";

/** The pages of the project, at the left of a wide screen. */
export function SideNav({ slug, pages }: { slug: string; pages: readonly PageLink[] }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.nav} aria-label={t("nav.main")}>
      {pages.map((page, index) => (
        <Fragment key={page.key}>
          {page.group !== "work" && page.group !== pages[index - 1]?.group ? (
            <span className={classes.group}>{t(`nav.group.${page.group}`)}</span>
          ) : null}
          <Link
            to={page.to}
            params={{ slug }}
            activeOptions={{ exact: page.key === "overview" }}
            className={classes.link}
            activeProps={{ "aria-current": "page" }}
          >
            <Icon name={page.icon} />
            {t(`nav.${page.key}`)}
          </Link>
        </Fragment>
      ))}
    </nav>
  );
}
