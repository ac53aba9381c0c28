import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Dashboard } from "@/api/types";
import { formatNumber } from "@/lib/format";
import { Card } from "@/ui/Card";
import { domainOf, IntervalLine, useFigure, useRange } from "@/ui/Interval";
import { LinkAnchor } from "@/ui/links";
import classes from "./DashboardPage.module.css";

interface Line {
  key: "exact" | "experts" | "single" | "consensus";
  figure: { value: number; low: number; high: number } | null;
  n: number;
}

/** How far experts agree, and the model in use against the ceiling that sets. */
export function Quality({ slug, page }: { slug: string; page: Dashboard }) {
  const { t, i18n } = useTranslation("dashboard");
  const { agreement, model } = page;
  const figure = useFigure(true);
  const range = useRange(true);
  const lines: Line[] = [
    { key: "exact", figure: agreement.exact, n: agreement.n_photos },
    ...(model
      ? ([
          { key: "experts", figure: model.experts, n: model.n_pairs },
          { key: "single", figure: model.single, n: model.n },
          { key: "consensus", figure: model.consensus, n: model.n },
        ] as const)
      : []),
  ];
  const known = lines.map(({ figure: it }) => (it ? { ...it, n: 0 } : null));
  const domain = domainOf(known);
  return (
    <Card title={t("quality.title")} hint={t("quality.hint")}>
      <ul className={classes.lines}>
        {lines.map(({ key, figure: it, n }) => (
          <li key={key}>
            <span className={classes.lineName}>
              {t(`quality.${key}`)}
              <span className={classes.quiet}>
                {t(key === "experts" ? "quality.pairs" : "quality.photos", {
                  count: n,
                  n: formatNumber(n, i18n.language),
                })}
              </span>
            </span>
            {it ? (
              <>
                <IntervalLine interval={{ ...it, n }} domain={domain} />
                <span className={classes.lineFigure}>
                  <b>{figure(it.value)}</b> <span className={classes.quiet}>{range({ ...it, n })}</span>
                </span>
              </>
            ) : (
              <span className={classes.quiet}>{t("quality.unknown")}</span>
            )}
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed" mt="sm">
        {t(`quality.${verdictOf(page)}`)}{" "}
        {model ? (
          <LinkAnchor
            to="/p/$slug/models/$id/report"
            params={{ slug, id: model.id }}
            size="sm"
            underline="always"
          >
            {t("quality.report", { n: model.number })}
          </LinkAnchor>
        ) : (
          <LinkAnchor to="/p/$slug/agreement" params={{ slug }} size="sm" underline="always">
            {t("quality.agreement")}
          </LinkAnchor>
        )}
      </Text>
    </Card>
  );
}

/** The same comparison as in the rule of the next steps. */
function verdictOf({ has_model: hasModel, model }: Dashboard) {
  if (!hasModel) return "noModel";
  if (!model) return "noReport";
  if (!model.single || !model.experts) return "noCeiling";
  return model.single.high >= model.experts.value ? "at" : "below";
}
