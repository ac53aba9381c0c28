/** How the figures of a report are written. */
import { useTranslation } from "react-i18next";
import { formatNumber, formatPercent } from "@/lib/format";

export interface Figure {
  value: number;
  low: number;
  high: number;
}

/** Figures that are shares of photos or of probability; all others are plain numbers. */
const SHARES = new Set(["accuracy", "balanced_accuracy", "far_errors"]);

export const isShare = (name: string) => SHARES.has(name);

export interface Writing {
  number: (value: number | null | undefined, digits?: number) => string;
  percent: (share: number | null | undefined, digits?: number) => string;
  /** "+1.2": hundredths with their sign. */
  points: (share: number) => string;
  range: (figure: Figure, write: (value: number) => string) => string;
}

export function useWriting(): Writing {
  const { t, i18n } = useTranslation("report");
  const language = i18n.language;
  return {
    number: (value, digits = 3) => formatNumber(value, language, digits),
    percent: (share, digits = 1) => formatPercent(share, language, digits),
    points: (share) => `${share > 0 ? "+" : ""}${formatNumber(100 * share, language, 1)}`,
    range: (figure, write) => t("interval", { low: write(figure.low), high: write(figure.high) }),
  };
}
