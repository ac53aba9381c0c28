import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { LinkAnchor } from "@/ui/links";

/** Tells everybody who labels that the stages may change. */
export function DraftNotice({ slug }: { slug: string }) {
  const { t } = useTranslation("overview");
  const migrations = useQuery(queries.scaleMigrations(slug));
  const draft = migrations.data?.find((it) => it.state === "draft");
  if (!draft) return null;
  return (
    <Alert color="amber" variant="light" icon={<Icon name="info" />} title={t("stagesDraft.title")}>
      <LinkAnchor to="/p/$slug/classes" params={{ slug }}>
        {t("stagesDraft.read")}
      </LinkAnchor>
    </Alert>
  );
}
