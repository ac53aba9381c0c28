import { UnstyledButton } from "@mantine/core";
import { Fragment, useId } from "react";
import { useTranslation } from "react-i18next";
import { stageAt } from "@/api/project";
import type { Stage } from "@/api/types";
import { stageName } from "@/lib/stages";
import { Icon } from "@/ui/Icon";
import { StageDot } from "@/ui/StageChip";
import classes from "./CriticalBoundaries.module.css";

export interface CriticalBoundariesProps {
  stages: readonly Stage[];
  value: readonly number[];
  onChange: (value: number[]) => void;
  error?: React.ReactNode;
}

/** The scale with a switch between every two stages: on, where a difference of one stage already needs an adjudicator. */
export function CriticalBoundaries({ stages, value, onChange, error }: CriticalBoundariesProps) {
  const { t, i18n } = useTranslation("settings");
  const id = useId();
  const toggle = (boundary: number) =>
    onChange(value.includes(boundary) ? value.filter((it) => it !== boundary) : [...value, boundary]);
  return (
    <fieldset className={classes.field} aria-describedby={id}>
      <legend className={classes.legend}>{t("critical_boundaries")}</legend>
      <p id={id} className={classes.hint}>
        {t("critical_boundariesHint")}
      </p>
      <div className={classes.scale}>
        {stages.map((stage) => {
          const upper = stageAt(stages, stage.position + 1);
          const isOn = value.includes(stage.position);
          return (
            <Fragment key={stage.id}>
              <span className={classes.stage}>
                <StageDot stage={stage} count={stages.length} />
                <span>{stageName(stage, i18n.language)}</span>
              </span>
              {upper ? (
                <UnstyledButton
                  className={classes.boundary}
                  role="switch"
                  aria-checked={isOn}
                  aria-label={t("critical.between", {
                    lower: stageName(stage, i18n.language),
                    upper: stageName(upper, i18n.language),
                  })}
                  title={isOn ? t("critical.on") : t("critical.off")}
                  onClick={() => toggle(stage.position)}
                >
                  <Icon name={isOn ? "adjudicate" : "plus"} size={16} />
                </UnstyledButton>
              ) : null}
            </Fragment>
          );
        })}
      </div>
      {error ? (
        <p className={classes.error} role="alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
