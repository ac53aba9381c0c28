import { useCallback, useState } from "react";
import type { Plot, PlotPoint, Stage } from "@/api/types";
import { colorOf } from "@/lib/stages";
import { useOnline, useRepeated } from "./hooks";
import { Icon } from "./Icon";
import { readPlots } from "./server";
import { answerText, at, nameOf, StageMark } from "./stages";
import { dayOf, shortDayOf, t } from "./text";
import { type Dot, timelineOf, WIDTH } from "./timeline";

const POLL_MS = 60_000;
const SHOWN = 10;

/** How each plot and plant went on: a chart, the same as a table, and the latest stage in words. */
export function Plots({ slug, stages }: { slug: string; stages: Stage[] }) {
  const [plots, setPlots] = useState<Plot[] | null>(null);
  const [shown, setShown] = useState(SHOWN);
  const isOnline = useOnline();
  const read = useCallback(() => {
    readPlots(slug).then(setPlots, () => setPlots((before) => before ?? []));
  }, [slug]);
  useRepeated(read, POLL_MS);
  if (!plots) return <p className="quiet center">{t("loading")}</p>;
  if (plots.length === 0)
    return (
      <p className="card empty">
        <Icon name="chart" size={40} />
        {t("plots.empty")}
      </p>
    );
  return (
    <>
      {isOnline ? null : <p className="quiet center">{t("plots.offline")}</p>}
      {plots.slice(0, shown).map((plot) => (
        <PlotCard key={`${plot.site}/${plot.plant}`} plot={plot} stages={stages} />
      ))}
      {plots.length > shown ? (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {t("more")}
        </button>
      ) : null}
    </>
  );
}

function PlotCard({ plot, stages }: { plot: Plot; stages: Stage[] }) {
  const name = [plot.site, plot.plant].filter(Boolean).join(" · ") || t("plots.unnamed");
  const latest = plot.points.at(-1);
  if (!latest || stages.length === 0) return null;
  const stage = at(stages, latest.answer.stage_position);
  return (
    <section className="card plot">
      <h2>{name}</h2>
      <p className="stage">
        {stage ? <StageMark stage={stage} count={stages.length} /> : null}
        <b>{answerText(latest.answer, stages)}</b>
      </p>
      <p className="quiet">
        {dayOf(latest.at)} ·{" "}
        {t(latest.answer.decided_by === "experts" ? "answer.byExperts" : "answer.byModel")}
      </p>
      <Chart name={name} points={plot.points} stages={stages} />
      <Legend />
      <details>
        <summary>{t("plots.table")}</summary>
        <Table points={plot.points} stages={stages} />
      </details>
    </section>
  );
}

interface ChartProps {
  name: string;
  points: PlotPoint[];
  stages: Stage[];
}

function Chart({ name, points, stages }: ChartProps) {
  const { height, rows, dots, ticks, left, right, bottom } = timelineOf(points, stages.length);
  const first = points[0];
  const last = points.at(-1);
  const label = t("plots.chart", {
    plot: name,
    first: first ? answerText(first.answer, stages) : "",
    from: first ? dayOf(first.at) : "",
    last: last ? answerText(last.answer, stages) : "",
    to: last ? dayOf(last.at) : "",
    n: points.length,
  });
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label}>
      {rows.map(({ position, y }) => (
        <g key={position}>
          <line x1={left} x2={right} y1={y} y2={y} className="grid" />
          <text x={left - 8} y={y + 4} className="name">
            {nameOf(at(stages, position))}
          </text>
        </g>
      ))}
      <polyline points={dots.map(({ x, y }) => `${x},${y}`).join(" ")} className="trace" />
      {dots.map((dot) => (
        <Mark key={dot.point.photo_id} dot={dot} stages={stages} />
      ))}
      {ticks.map(({ time, x }) => (
        <text key={time} x={x} y={bottom + 18} className="tick">
          {shortDayOf(time)}
        </text>
      ))}
    </svg>
  );
}

/** A disc for what experts settled, a diamond for what the model thinks; its margin as a line. */
function Mark({ dot: { x, y, margin, point }, stages }: { dot: Dot; stages: Stage[] }) {
  const stage = at(stages, point.answer.stage_position);
  const fill = stage ? colorOf(stage, stages.length) : "none";
  return (
    <g>
      {margin[0] === margin[1] ? null : (
        <line x1={x} x2={x} y1={margin[0]} y2={margin[1]} className="margin" />
      )}
      {point.answer.decided_by === "experts" ? (
        <circle cx={x} cy={y} r={8} fill={fill} className="dot" />
      ) : (
        <path d={`M${x} ${y - 9}l9 9-9 9-9-9z`} fill={fill} className="dot" />
      )}
    </g>
  );
}

function Legend() {
  const marks = [
    [<circle key="e" cx={10} cy={10} r={8} className="dot" fill="none" />, t("plots.experts")],
    [<path key="m" d="M10 1l9 9-9 9-9-9z" className="dot" fill="none" />, t("plots.model")],
    [<path key="r" d="M10 3v14" className="margin" />, t("plots.margin")],
  ] as const;
  return (
    <p className="legend" aria-hidden="true">
      {marks.map(([mark, text]) => (
        <span key={text}>
          <svg viewBox="0 0 20 20" width={16} height={16} aria-hidden="true">
            {mark}
          </svg>
          {text}
        </span>
      ))}
    </p>
  );
}

function Table({ points, stages }: { points: PlotPoint[]; stages: Stage[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("plots.day")}</th>
          <th scope="col">{t("plots.stage")}</th>
          <th scope="col">{t("plots.who")}</th>
        </tr>
      </thead>
      <tbody>
        {[...points].reverse().map(({ photo_id, at: moment, answer }) => (
          <tr key={photo_id}>
            <td>{dayOf(moment)}</td>
            <td>{answerText(answer, stages)}</td>
            <td>{t(answer.decided_by === "experts" ? "plots.experts" : "plots.model")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
