import { stageAt } from "@/api/project";
import type { Project } from "@/api/types";
import { StageChip } from "@/ui/StageChip";
import type { Spot } from "./camera";
import { NONE } from "./columns";
import { useCodeName } from "./names";
import classes from "./Plot.module.css";
import { thumbUrl } from "./thumb";
import type { Scene } from "./useScene";

const WIDTH = 196;

interface HoverCardProps {
  project: Project;
  scene: Scene;
  row: number;
  at: Spot;
}

/** The photo under the pointer. Only to be looked at: everything it says is in the list of the selection as well. */
export function HoverCard({ project, scene, row, at }: HoverCardProps) {
  const nameOf = useCodeName(project.scale.stages);
  const id = scene.ids?.[row];
  if (!id) return null;
  const { stages } = project.scale;
  const stage = stageAt(stages, scene.columns.get("stage")?.codes[row]);
  const suggested = stageAt(stages, scene.columns.get("suggested")?.codes[row]);
  const { column } = scene;
  const code = column?.codes[row] ?? NONE;
  const isOwn = column && column.name !== "stage" && column.name !== "suggested";
  return (
    <div
      className={classes.card}
      style={{
        left: Math.max(8, at.x > WIDTH + 30 ? at.x - WIDTH - 18 : at.x + 18),
        top: Math.max(8, at.y - 80),
      }}
      aria-hidden="true"
    >
      <img src={thumbUrl(project.slug, id)} alt="" width={180} height={135} />
      {stage ? <StageChip stage={stage} count={stages.length} small /> : null}
      {!stage && suggested ? <StageChip stage={suggested} count={stages.length} small note="?" /> : null}
      {isOwn && code !== NONE ? <span>{nameOf(column, code)}</span> : null}
    </div>
  );
}
