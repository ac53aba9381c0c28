import { useTranslation } from "react-i18next";

/** The part of a server's sentence in quotes: the name it could do nothing with. Empty when there is none. */
export function quotedIn(message: string): string {
  return /'(.+)'/.exec(message)?.[1] ?? "";
}

/** Why a row was refused, in the person's language; the server's own sentence for a code we have no words for. */
export function useReason(): (code: string, message: string) => string {
  const { t } = useTranslation("imports");
  return (code, message) => {
    const known =
      t(`refusal.${code}` as "refusal.empty", { defaultValue: "" }) ||
      t(`broken.${code}` as "broken.unexpected", { defaultValue: "" });
    if (!known) return message || code;
    const what = quotedIn(message);
    return what ? `«${what}»: ${known}` : known;
  };
}
