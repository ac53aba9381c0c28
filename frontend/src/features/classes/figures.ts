import { useTranslation } from "react-i18next";
import type { ClassFigure } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";

/** Figures with their intervals, as people read them: "0.62 (0.55–0.69)". */
export function useFigures() {
  const { i18n } = useTranslation();
  const number = (value: number, isShare: boolean) =>
    isShare ? formatPercent(value, i18n.language) : formatNumber(value, i18n.language, 2);
  const range = (figure: ClassFigure, isShare = false) =>
    `${number(figure.low, isShare)}–${number(figure.high, isShare)}`;
  const written = (figure: ClassFigure, isShare = false) =>
    `${number(figure.value, isShare)} (${range(figure, isShare)})`;
  return { number, range, written };
}
