/**
 * Languages. Spanish is the source and the fallback; the person's own setting wins over the browser's.
 * Namespaces are the JSON files of `es/` and `en/`; `parity.test.ts` keeps both complete.
 */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["es", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export const FALLBACK: Language = "es";
const STORAGE_KEY = "antesis.language";

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** The first language of the list that we have; `fallback` when there is none. */
export function pickLanguage(wanted: readonly string[], fallback: Language = FALLBACK): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (isLanguage(base)) return base;
  }
  return fallback;
}

function stored(): string[] {
  const value = localStorage.getItem(STORAGE_KEY);
  return value ? [value] : [];
}

/** The whole of one language, as a chunk of its own. */
async function load(language: Language): Promise<void> {
  const { default: bundle } = language === "es" ? await import("./es") : await import("./en");
  for (const [namespace, texts] of Object.entries(bundle)) {
    i18next.addResourceBundle(language, namespace, texts, true, true);
  }
}

/** Texts of pages that few people open: not in the language's bundle, fetched by the page's route. */
const apart = import.meta.glob<Record<string, unknown>>(
  "./{es,en}/{atlas,classes,dashboard,exports,imports,map,practice,report,secondLook,webhooks}.json",
  {
    import: "default",
  },
);
type Apart =
  | "atlas"
  | "classes"
  | "dashboard"
  | "exports"
  | "imports"
  | "map"
  | "practice"
  | "report"
  | "secondLook"
  | "webhooks";
const opened = new Set<Apart>();

async function loadApart(language: Language): Promise<void> {
  await Promise.all(
    [...opened].map(async (namespace) => {
      if (i18next.hasResourceBundle(language, namespace)) return;
      const texts = await apart[`./${language}/${namespace}.json`]?.();
      i18next.addResourceBundle(language, namespace, texts, true, true);
    }),
  );
}

/** What the loader of a page with texts of its own waits for; from then on they follow the language. */
export async function loadTexts(namespace: Apart): Promise<void> {
  opened.add(namespace);
  await loadApart(isLanguage(i18next.language) ? i18next.language : FALLBACK);
}

export async function startI18n(): Promise<typeof i18next> {
  const language = pickLanguage([...stored(), ...navigator.languages]);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: FALLBACK,
    defaultNS: "common",
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { useSuspense: false },
  });
  await load(language);
  document.documentElement.lang = language;
  // The fallback follows when the page is quiet: with both files complete it is needed only for a broken release.
  if (language !== FALLBACK) void load(FALLBACK);
  await i18next.changeLanguage(language);
  return i18next;
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORAGE_KEY, language);
  await Promise.all([load(language), loadApart(language)]);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export default i18next;
