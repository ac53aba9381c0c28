import { Drawer } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui/Icon";
import type { PageLink } from "./navigation";
import classes from "./TabBar.module.css";

export interface MoreDrawerProps {
  slug: string;
  pages: readonly PageLink[];
  opened: boolean;
  onClose: () => void;
}

/** The pages that do not fit into the bar of a phone. */
export default function MoreDrawer({ slug, pages, opened, onClose }: MoreDrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="bottom"
      size="auto"
      title={t("nav.more")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <div className={classes.sheet}>
        {pages.map((page) => (
          <Link
            key={page.key}
            to={page.to}
            params={{ slug }}
            className={classes.row}
            activeProps={{ "aria-current": "page" }}
            onClick={onClose}
          >
            <Icon name={page.icon} size={22} />
            {t(`nav.${page.key}`)}
          </Link>
        ))}
      </div>
    </Drawer>
  );
}
