/** What a person should do next in a project: at most three things, the most useful first. */
import type { LearningStatus, ProjectCounts, Role } from "@/api/types";
import { atLeast } from "@/lib/roles";

export type StepKey = "workers" | "import" | "wait" | "adjudicate" | "review" | "train" | "invite";

export interface NextStep {
  key: StepKey;
  /** The number in its sentence. */
  count: number;
}

const MOST = 3;

export function nextSteps(role: Role, counts: ProjectCounts, learning: LearningStatus | null): NextStep[] {
  const isAdmin = atLeast(role, "admin");
  const steps: NextStep[] = [];
  const deaf = learning?.workers.filter((worker) => !worker.alive).length ?? 0;
  if (deaf > 0 && isAdmin) steps.push({ key: "workers", count: deaf });
  if (counts.photos === 0) {
    if (isAdmin) steps.push({ key: "import", count: 0 });
    return steps;
  }
  if (atLeast(role, "adjudicator") && counts.adjudications_open > 0) {
    steps.push({ key: "adjudicate", count: counts.adjudications_open });
  }
  if (isAdmin && learning?.can_train && learning.labels_since_training > 0 && !learning.active_run) {
    steps.push({ key: "train", count: learning.labels_since_training });
  }
  if (counts.ready > 0) steps.push({ key: "review", count: counts.queue_open });
  else if (counts.received > 0) steps.push({ key: "wait", count: counts.received });
  if (isAdmin) steps.push({ key: "invite", count: 0 });
  return steps.slice(0, MOST);
}
