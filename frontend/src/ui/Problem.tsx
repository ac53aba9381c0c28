import { Alert, Button } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { Icon } from "./Icon";

/** One sentence for a failure: ours for a known code, else the server's own, else by its status. */
export function describeError(error: unknown, t: TFunction<"errors">): string {
  if (!(error instanceof ApiError)) return t("unexpected");
  const known = t(`code.${error.code}` as "code.offline", { defaultValue: "" });
  if (known) return known;
  const fields = Object.values(error.fields).flat();
  if (fields.length > 0 && typeof fields[0] === "string") return fields.join(" ");
  if (error.body.message) return error.body.message;
  return error.status >= 500 ? t("server") : t("unexpected");
}

/** A failed load, with a way to try again. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation("errors");
  return (
    <Alert role="alert" color="clay" variant="light" icon={<Icon name="warning" />} title={t("title")}>
      {describeError(error, t)}
      {onRetry ? (
        <div>
          <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
            {t("retry")}
          </Button>
        </div>
      ) : null}
    </Alert>
  );
}
