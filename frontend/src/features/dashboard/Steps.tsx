import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Dashboard, NextStepRow, Project, Role } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { atLeast } from "@/lib/roles";
import { stageName } from "@/lib/stages";
import { Card } from "@/ui/Card";
import { Icon, type IconName } from "@/ui/Icon";
import classes from "./DashboardPage.module.css";

interface Where {
  to: string;
  icon: IconName;
  role: Role;
  search?: Record<string, unknown>;
  hash?: string;
}

/** Where a step is done. */
function whereOf(step: NextStepRow): Where {
  switch (step.code) {
    case "adjudicate":
      return { to: "/p/$slug/adjudicate", icon: "adjudicate", role: "adjudicator" };
    case "first_labels":
    case "below_ceiling":
      return { to: "/p/$slug/review", icon: "review", role: "expert" };
    case "first_model":
      return { to: "/p/$slug/training", icon: "training", role: "expert" };
    case "guideline":
      return { to: "/p/$slug/classes", icon: "agreement", role: "expert" };
    case "label_gap":
      return step.site === null
        ? { to: "/p/$slug/grid", icon: "grid", role: "expert", search: { stage: step.stage } }
        : {
            to: "/p/$slug/photos",
            icon: "photos",
            role: "expert",
            search: { site: step.site, suggested: step.stage, is_waiting: true },
          };
    case "photo_gap":
      return { to: "/p/$slug/people", icon: "people", role: "admin" };
    case "at_ceiling":
      return { to: "/p/$slug/second-look", icon: "search", role: "adjudicator" };
    case "impossible":
      return {
        to: "/p/$slug/dashboard",
        icon: "warning",
        role: "adjudicator",
        search: { flagged: true },
        hash: "plants",
      };
    case "overlap":
      return { to: "/p/$slug/settings", icon: "settings", role: "admin" };
    default:
      return { to: "/p/$slug/import", icon: "import", role: "admin" };
  }
}

/** The few things that would help most now, the most useful first. */
export function Steps({ project, page }: { project: Project; page: Dashboard }) {
  const { t } = useTranslation("dashboard");
  return (
    <Card title={t("steps.title")} hint={t("steps.hint")}>
      {page.steps.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t("steps.nothing")}
        </Text>
      ) : (
        <ol className={classes.steps}>
          {page.steps.map((step) => (
            <li key={step.code}>
              <Step project={project} step={step} />
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Step({ project, step }: { project: Project; step: NextStepRow }) {
  const { t, i18n } = useTranslation("dashboard");
  const { language } = i18n;
  const { stages } = project.scale;
  const { to, icon, role, search, hash } = whereOf(step);
  const name = (position: number | null) => {
    const stage = stageAt(stages, position);
    return stage ? stageName(stage, language) : "";
  };
  const words = {
    count: step.n,
    n: formatNumber(step.n, language),
    stage: name(step.stage),
    next: name(step.stage === null ? null : step.stage + 1),
    where: step.site_name ? t("steps.at", { site: step.site_name }) : t("steps.everywhere"),
    labels: formatNumber(step.n_labels, language),
    share: formatPercent(step.share, language),
    other: formatPercent(step.other_share, language),
  };
  const text = (
    <>
      <span className={classes.stepIcon}>
        <Icon name={icon} />
      </span>
      <span className={classes.stepText}>
        <strong>{t(`steps.${step.code}.title`, words)}</strong>
        <span>{t(`steps.${step.code}.body`, words)}</span>
      </span>
    </>
  );
  if (!atLeast(project.role, role)) return <div className={classes.step}>{text}</div>;
  return (
    <Link to={to} params={{ slug: project.slug }} search={search ?? {}} hash={hash} className={classes.step}>
      {text}
      <Icon name="chevron" size={18} />
    </Link>
  );
}
