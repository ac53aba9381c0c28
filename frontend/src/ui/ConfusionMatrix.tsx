import { useTranslation } from "react-i18next";
import type { Stage } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { stageName } from "@/lib/stages";
import classes from "./ConfusionMatrix.module.css";
import { StageDot } from "./StageChip";

export interface ConfusionMatrixProps {
  stages: readonly Stage[];
  /** Counts: rows are the truth, columns the prediction, both in stage order. */
  confusion: readonly (readonly number[])[];
  /** Called with (truth, predicted) when a cell with photos is chosen. */
  onCell?: (truth: number, predicted: number) => void;
}

/** From this share of its row a cell is dark and its ink white; the shades between would read badly with either ink. */
const DARK_FROM = 0.5;

/** Opacity of a cell's colour: pale below `DARK_FROM`, dark above, never in between. */
function strengthOf(share: number): number {
  if (share === 0) return 0;
  return share < DARK_FROM ? 0.07 + share * 0.5 : 0.88 + (share - DARK_FROM) * 0.24;
}

/** Counts as a real table; the shade is the share of the row, so rare stages are not drowned. */
export function ConfusionMatrix({ stages, confusion, onCell }: ConfusionMatrixProps) {
  const { t, i18n } = useTranslation("models");
  const language = i18n.language;
  return (
    // A region that scrolls must take the keyboard's focus, or its far columns are out of reach.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
    <section className={classes.scroll} tabIndex={0} aria-label={t("confusion.title")}>
      <table className={classes.table}>
        <caption className={classes.caption}>{t("confusion.caption")}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              {t("confusion.truth")}
            </th>
            {stages.map((stage) => (
              <th
                key={stage.id}
                scope="col"
                className={classes.columnHead}
                title={stageName(stage, language)}
              >
                <StageDot stage={stage} count={stages.length} small />
                <span className={classes.hidden}>{stageName(stage, language)}</span>
              </th>
            ))}
            <th scope="col" className={classes.total}>
              {t("confusion.total")}
            </th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage, truth) => {
            const row = confusion[truth] ?? [];
            const total = row.reduce((sum, count) => sum + count, 0);
            return (
              <tr key={stage.id}>
                <th scope="row" className={classes.rowHead}>
                  <StageDot stage={stage} count={stages.length} small />
                  <span>{stageName(stage, language)}</span>
                </th>
                {stages.map((other, predicted) => (
                  <Cell
                    key={other.id}
                    count={row[predicted] ?? 0}
                    share={total > 0 ? (row[predicted] ?? 0) / total : 0}
                    isRight={truth === predicted}
                    label={t("confusion.cell", {
                      truth: stageName(stage, language),
                      predicted: stageName(other, language),
                      n: formatNumber(row[predicted] ?? 0, language),
                      share: formatPercent(total > 0 ? (row[predicted] ?? 0) / total : 0, language),
                    })}
                    onPick={onCell ? () => onCell(truth, predicted) : undefined}
                  />
                ))}
                <td className={classes.total}>{formatNumber(total, language)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

interface CellProps {
  count: number;
  share: number;
  isRight: boolean;
  label: string;
  onPick?: () => void;
}

function Cell({ count, share, isRight, label, onPick }: CellProps) {
  const hue = isRight ? "35, 104, 60" : "169, 53, 34";
  const style = {
    background: `rgba(${hue}, ${strengthOf(share).toFixed(3)})`,
    color: share >= DARK_FROM ? "#ffffff" : undefined,
  };
  return (
    <td className={classes.cell} style={style} data-right={isRight || undefined}>
      {count > 0 && onPick ? (
        <button type="button" className={classes.pick} aria-label={label} title={label} onClick={onPick}>
          {count}
        </button>
      ) : (
        <span className={count === 0 ? classes.zero : undefined}>{count === 0 ? "·" : count}</span>
      )}
    </td>
  );
}
