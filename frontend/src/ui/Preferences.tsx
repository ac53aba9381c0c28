import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FALLBACK, LANGUAGES, type Language, setLanguage } from "@/i18n";
import { Icon } from "./Icon";

export function ThemeToggle() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const label = scheme === "dark" ? t("theme.toLight") : t("theme.toDark");
  return (
    <ActionIcon
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
    >
      <Icon name={scheme === "dark" ? "sun" : "moon"} />
    </ActionIcon>
  );
}

/** Two languages need no menu: the button names the other one, in its own words. */
export function LanguageToggle({ onChange }: { onChange?: (language: Language) => void }) {
  const { t, i18n } = useTranslation();
  const other = LANGUAGES.find((language) => language !== i18n.language) ?? FALLBACK;
  return (
    <ActionIcon
      lang={other}
      aria-label={t(`language.${other}`)}
      title={t(`language.${other}`)}
      onClick={() => {
        void setLanguage(other);
        onChange?.(other);
      }}
    >
      <Icon name="language" />
    </ActionIcon>
  );
}
