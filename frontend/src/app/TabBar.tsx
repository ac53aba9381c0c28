import { UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui/Icon";
import { type PageLink, TABS } from "./navigation";
import classes from "./TabBar.module.css";

const MoreDrawer = lazy(() => import("./MoreDrawer"));

/** The pages of the project, at the bottom of a phone: the first few, the rest in a drawer. */
export function TabBar({ slug, pages }: { slug: string; pages: readonly PageLink[] }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const wasOpened = useRef(false);
  wasOpened.current ||= opened;
  const first = pages.slice(0, TABS);
  const rest = pages.slice(TABS);
  return (
    <>
      <nav className={classes.bar} aria-label={t("nav.main")}>
        {first.map((page) => (
          <Link
            key={page.key}
            to={page.to}
            params={{ slug }}
            activeOptions={{ exact: page.key === "overview" }}
            className={classes.tab}
            activeProps={{ "aria-current": "page" }}
          >
            <Icon name={page.icon} size={22} />
            {t(`nav.${page.key}`)}
          </Link>
        ))}
        {rest.length > 0 ? (
          <UnstyledButton className={classes.tab} onClick={() => setOpened(true)} aria-haspopup="dialog">
            <Icon name="more" size={22} />
            {t("nav.more")}
          </UnstyledButton>
        ) : null}
      </nav>
      {wasOpened.current ? (
        <Suspense fallback={null}>
          <MoreDrawer slug={slug} pages={rest} opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
