import { Button } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { LinkAnchor } from "@/ui/links";
import { Problem } from "@/ui/Problem";

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon="search"
      title={t("notFound.title")}
      action={<LinkAnchor to="/projects">{t("notFound.action")}</LinkAnchor>}
    >
      {t("notFound.body")}
    </EmptyState>
  );
}

/** Shown in place of a page whose loader or component threw. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  if (error instanceof ApiError) {
    return (
      <Problem
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    );
  }
  return (
    <EmptyState
      icon="warning"
      title={t("crash.title")}
      action={<Button onClick={() => window.location.reload()}>{t("reload")}</Button>}
    >
      {t("crash.body")}
    </EmptyState>
  );
}
