import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { CurvePoint } from "@/api/types";
import { Card } from "@/ui/Card";
import { LineChart } from "@/ui/LineChart";
import { foldStates, memberCurves, memberNames } from "./curves";
import classes from "./RunPage.module.css";

const TRAIN_COLOR = "var(--mantine-color-brand-6)";
const CHECK_COLOR = "var(--mantine-color-amber-6)";

/** Each member of the ensemble: its folds as steps, its curves as means over them. */
export function Members({ curves }: { curves: readonly CurvePoint[] }) {
  const { t } = useTranslation("training");
  const names = memberNames(curves);
  if (names.length === 0) {
    return (
      <Card title={t("curves.title")}>
        <p className={classes.eta}>{t("curves.none")}</p>
      </Card>
    );
  }
  return names.map((name) => <Member key={name} name={name} curves={curves} />);
}

function Member({ name, curves }: { name: string; curves: readonly CurvePoint[] }) {
  const { t } = useTranslation("training");
  const drawn = memberCurves(curves, name);
  const folds = foldStates(curves, name);
  return (
    <Card title={name} hint={t("curves.hint")}>
      <ol className={classes.folds} aria-label={t("curves.folds", { name })}>
        {folds.map(({ fold, epoch, epochs, isDone }) => (
          <li key={fold} className={classes.fold} data-done={isDone || undefined}>
            <span className={classes.foldName}>
              <span>{t("curves.fold", { n: fold + 1 })}</span>
              <span>{isDone ? "✓" : `${epoch}/${epochs}`}</span>
            </span>
            <Progress
              size="sm"
              value={isDone ? 100 : (epoch / epochs) * 100}
              aria-label={t("curves.foldProgress", { n: fold + 1, epoch, epochs })}
            />
          </li>
        ))}
      </ol>
      <div className={classes.charts}>
        <LineChart
          title={t("curves.lossOf", { name })}
          xLabel={t("curves.epoch")}
          yLabel={t("curves.loss")}
          lines={[
            { name: t("curves.train"), points: drawn.loss, color: TRAIN_COLOR },
            { name: t("curves.check"), points: drawn.valLoss, color: CHECK_COLOR, dashed: true },
          ]}
        />
        <LineChart
          title={t("curves.accuracyOf", { name })}
          xLabel={t("curves.epoch")}
          yLabel={t("curves.accuracy")}
          yDomain={[0, 1]}
          lines={[
            { name: t("curves.train"), points: drawn.accuracy, color: TRAIN_COLOR },
            { name: t("curves.check"), points: drawn.valAccuracy, color: CHECK_COLOR, dashed: true },
          ]}
        />
      </div>
    </Card>
  );
}
