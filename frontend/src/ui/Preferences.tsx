import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isLanguage, LANGUAGES, setLanguage } from "@/i18n";
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

export function LanguageMenu({ onChange }: { onChange?: (language: string) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end" width={160}>
      <Menu.Target>
        <ActionIcon aria-label={t("language.label")} title={t("language.label")}>
          <Icon name="language" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            aria-current={i18n.language === language || undefined}
            rightSection={i18n.language === language ? <Icon name="check" size={16} /> : null}
            onClick={() => {
              if (isLanguage(language)) void setLanguage(language);
              onChange?.(language);
            }}
          >
            {t(`language.${language}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
