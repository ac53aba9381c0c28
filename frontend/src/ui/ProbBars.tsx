import { useTranslation } from "react-i18next";
import type { Stage } from "@/api/types";
import { formatPercent } from "@/lib/format";
import { colorOf, stageName } from "@/lib/stages";
import classes from "./ProbBars.module.css";
import { StageDot } from "./StageChip";

export interface ProbBarsProps {
  stages: readonly Stage[];
  /** One share per stage, in stage order; null draws the same rows without bars, so nothing shifts. */
  probabilities: readonly number[] | null;
  /** The model's best stage, marked. */
  best?: number | null;
  /** Position k of the boundary between k and k + 1 that the model straddles. */
  boundary?: number | null;
}

/** The model's probabilities in the order of the stages. */
export function ProbBars({ stages, probabilities, best = null, boundary = null }: ProbBarsProps) {
  const { i18n } = useTranslation();
  return (
    <ul className={classes.list}>
      {stages.map((stage, index) => {
        const share = probabilities?.[index] ?? null;
        return (
          <li
            key={stage.id}
            className={classes.row}
            data-best={share !== null && best === index ? true : undefined}
            data-boundary={share !== null && boundary === index ? true : undefined}
          >
            <StageDot stage={stage} count={stages.length} small />
            <span className={classes.name}>{stageName(stage, i18n.language)}</span>
            <span className={classes.track}>
              <span
                className={classes.bar}
                style={{ width: `${(share ?? 0) * 100}%`, background: colorOf(stage, stages.length) }}
              />
            </span>
            <span className={classes.value}>{share === null ? "" : formatPercent(share, i18n.language)}</span>
          </li>
        );
      })}
    </ul>
  );
}
