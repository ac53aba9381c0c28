import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Logo } from "@/ui/Logo";
import { LanguageToggle, ThemeToggle } from "@/ui/Preferences";
import classes from "./Gate.module.css";

/** The page before the door: a single form in the middle. */
export function Gate({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const { t } = useTranslation("auth");
  useEffect(() => {
    document.title = `${title} · Antesis`;
  }, [title]);
  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <LanguageToggle />
        <ThemeToggle />
      </div>
      <main className={classes.box}>
        <div className={classes.brand}>
          <Logo size={44} />
          <p className={classes.tagline}>{t("tagline")}</p>
        </div>
        <div className={classes.card}>
          <Title order={1}>{title}</Title>
          {hint ? <p className={classes.hint}>{hint}</p> : null}
          <div className={classes.form}>{children}</div>
        </div>
      </main>
    </div>
  );
}
