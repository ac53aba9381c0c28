import { useTranslation } from "react-i18next";
import type { Interval } from "@/api/types";
import { formatNumber, formatPercent } from "@/lib/format";
import { linear, niceTicks } from "@/lib/scales";
import classes from "./Interval.module.css";

export type Domain = readonly [low: number, high: number];

/** "86 %" or "0.83": how a figure is written. */
export function useFigure(isShare: boolean): (value: number | null | undefined) => string {
  const { i18n } = useTranslation();
  return (value) => (isShare ? formatPercent(value, i18n.language) : formatNumber(value, i18n.language, 2));
}

/** "from 81 % to 90 %": the interval in words. */
export function useRange(isShare: boolean): (interval: Interval) => string {
  const { t } = useTranslation();
  const figure = useFigure(isShare);
  return ({ low, high }) => t("interval", { low: figure(low), high: figure(high) });
}

/** A dot with its whisker on a line from `domain[0]` to `domain[1]`; the numbers stand beside it in text. */
export function IntervalLine({ interval, domain, color }: IntervalLineProps) {
  const x = linear(domain, [2, 98]);
  const at = (value: number) => `${x(Math.min(domain[1], Math.max(domain[0], value)))}%`;
  return (
    <svg className={classes.line} aria-hidden="true" focusable="false">
      <line className={classes.axis} x1="2%" x2="98%" y1="50%" y2="50%" />
      <line className={classes.whisker} x1={at(interval.low)} x2={at(interval.high)} y1="50%" y2="50%" />
      <circle className={classes.dot} cx={at(interval.value)} cy="50%" r="5.5" fill={color} />
    </svg>
  );
}

export interface IntervalLineProps {
  interval: Interval;
  domain: Domain;
  /** A CSS colour; the brand's when left out. */
  color?: string;
}

export interface IntervalRow {
  key: string | number;
  label: React.ReactNode;
  /** Null: too little to say anything. */
  interval: Interval | null;
}

export interface IntervalTableProps {
  rows: readonly IntervalRow[];
  caption: string;
  heads: { label: string; figure: string; n: string; none: string };
  isShare?: boolean;
}

/** The nearest round number below all intervals, so that small differences are seen; the axis says where it starts. */
export function domainOf(intervals: readonly (Interval | null)[]): Domain {
  const lows = intervals.flatMap((interval) => (interval ? [interval.low] : []));
  const low = Math.min(0.8, ...lows);
  return [Math.max(0, Math.floor(low * 10 - 0.2) / 10), 1];
}

/** Figures with their intervals as a real table, each drawn on one common axis. */
export function IntervalTable({ rows, caption, heads, isShare = true }: IntervalTableProps) {
  const figure = useFigure(isShare);
  const range = useRange(isShare);
  const { i18n } = useTranslation();
  const domain = domainOf(rows.map((row) => row.interval));
  const ticks = niceTicks(domain[0], domain[1], 4);
  const x = linear(domain, [2, 98]);
  return (
    <table className={classes.table}>
      <caption className={classes.hidden}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{heads.label}</th>
          <th scope="col" className={classes.lineHead}>
            <span className={classes.hidden}>{caption}</span>
            <svg className={classes.ticks} aria-hidden="true" focusable="false">
              {ticks.map((tick) => (
                <text key={tick} x={`${x(tick)}%`} y="12" textAnchor="middle">
                  {figure(tick)}
                </text>
              ))}
            </svg>
          </th>
          <th scope="col" className={classes.number}>
            {heads.figure}
          </th>
          <th scope="col" className={classes.number}>
            {heads.n}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, interval }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td>{interval ? <IntervalLine interval={interval} domain={domain} /> : null}</td>
            <td className={classes.number}>
              {interval ? (
                <>
                  <b>{figure(interval.value)}</b>
                  <span className={classes.range}>{range(interval)}</span>
                </>
              ) : (
                <span className={classes.range}>{heads.none}</span>
              )}
            </td>
            <td className={classes.number}>{interval ? formatNumber(interval.n, i18n.language) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
