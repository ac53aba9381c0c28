/** The HTTP contract of /api/v1: every name the rest of the front end uses for it. */

export type Role = "grower" | "expert" | "adjudicator" | "admin";
export type Iso = string;

export interface Page<T> {
  results: T[];
  next: string | null;
}

export interface ApiErrorBody {
  code: string;
  message: string;
  fields: Record<string, string[]>;
}

export interface User {
  id: number;
  email: string;
  full_name: string;
  language: "" | "es" | "en";
  is_staff: boolean;
  preferences: Record<string, unknown>;
}
export interface MembershipOfMine {
  project_slug: string;
  project_name: string;
  role: Role;
}
export interface Session {
  user: User | null;
  memberships: MembershipOfMine[];
  is_demo: boolean;
  oidc: { name: string; login_url: string } | null;
}
export interface AccessLink {
  purpose: "first_admin" | "set_password";
  email: string;
  expires_at: Iso;
}
export interface Member {
  id: number;
  email: string;
  full_name: string;
  role: Role;
  n_annotations: number;
  last_active_at: Iso | null;
}
export type MemberAdded = Member & { access_link: string | null };

export interface ReferencePhoto {
  photo_id: number;
  thumb_url: string;
  view_url: string;
}
export interface Stage {
  id: number;
  position: number;
  slug: string;
  name_es: string;
  name_en: string;
  description_es: string;
  description_en: string;
  bbch_first: string;
  bbch_last: string;
  color: string;
  hotkey: string;
  references: ReferencePhoto[];
}
export interface Scale {
  id: number;
  version: number;
  is_ordered: boolean;
  stages: Stage[];
}
export interface ProjectBrief {
  slug: string;
  name: string;
  description: string;
  role: Role;
}
export interface ProjectCounts {
  photos: number;
  ready: number;
  received: number;
  rejected: number;
  held_out: number;
  consensus: number;
  adjudications_open: number;
  queue_open: number;
}
export interface Project extends ProjectBrief {
  scale: Scale;
  labels_wanted: number;
  batch_size: number;
  random_share: number;
  blind_share: number;
  held_out_share: number;
  refresh_every: number;
  counts: ProjectCounts;
}
export interface StageInput {
  name_es: string;
  name_en: string;
  slug?: string;
  bbch_first?: string;
  bbch_last?: string;
  description_es?: string;
  description_en?: string;
  color?: string;
  hotkey?: string;
}
export interface ProjectInput {
  name: string;
  slug?: string;
  description?: string;
  is_ordered: boolean;
  stages: StageInput[];
  labels_wanted?: number;
}
export interface ProjectPatch {
  name?: string;
  description?: string;
  labels_wanted?: number;
  batch_size?: number;
  random_share?: number;
  blind_share?: number;
  refresh_every?: number;
}
export interface ScaleTemplate {
  key: string;
  name_es: string;
  name_en: string;
  is_ordered: boolean;
  stages: StageInput[];
}
export interface Site {
  id: number;
  name: string;
  plants: { id: number; name: string }[];
}

export type PhotoStatus = "received" | "ready" | "rejected";
export interface PhotoReceipt {
  id: number;
  sha256: string;
  status: PhotoStatus;
  rejection: string;
  is_duplicate: boolean;
}
export interface PhotoRow {
  id: number;
  status: PhotoStatus;
  rejection: string;
  thumb_url: string;
  width: number;
  height: number;
  site: string;
  plant: string;
  taken_at: Iso | null;
  received_at: Iso;
  original_name: string;
  consensus: { stage_position: number | null; outcome: string } | null;
  suggestion: { position: number; confidence: number } | null;
}
export type Kind = "stage" | "between" | "cannot_tell" | "unusable";
export interface AnnotationRow {
  id: number;
  annotator: string;
  is_mine: boolean;
  kind: Kind;
  stage_position: number | null;
  stage_upper_position: number | null;
  reason: string;
  note: string;
  decided_at: Iso;
  withdrawn_at: Iso | null;
}
export interface PhotoDetail extends PhotoRow {
  view_url: string;
  full_url: string;
  annotations: AnnotationRow[];
}
export interface MyPhoto {
  id: number;
  client_id: string;
  status: PhotoStatus;
  rejection: string;
  thumb_url: string | null;
  site: string;
  plant: string;
  taken_at: Iso | null;
  received_at: Iso;
  answer: {
    decided_by: "model" | "experts";
    stage_position: number | null;
    outcome: "stage" | "unusable" | "undecidable";
    confidence: number;
  } | null;
}

export type LabelUse = "none" | "gold" | "prior" | "hidden";
export interface Import {
  id: number;
  name: string;
  label_use: LabelUse;
  label_source: string;
  state: "pending" | "running" | "done" | "failed";
  total: number;
  received: number;
  duplicates: number;
  refused: number;
  processed: number;
  report: { row: number; name: string; code: string; message: string }[];
  error: string;
  created_at: Iso;
  finished_at: Iso | null;
}

export type QueueReason =
  | "arrival"
  | "diverse"
  | "boundary"
  | "uncertain"
  | "random"
  | "evaluation"
  | "sent_back";
export interface QueueItem {
  photo_id: number;
  reservation: string;
  expires_at: Iso;
  width: number;
  height: number;
  thumb_url: string;
  view_url: string;
  full_url: string;
  site: string;
  plant: string;
  taken_at: Iso | null;
  reason: QueueReason;
  boundary: number | null;
  is_blind: boolean;
  suggestion: { position: number; confidence: number; probabilities: number[] } | null;
}
export interface Progress {
  left: number;
  mine_today: number;
  mine_total: number;
  consensus_total: number;
}
export interface Reserved {
  items: QueueItem[];
  progress: Progress;
}
export interface Decision {
  key: string;
  photo_id: number;
  kind: Kind | "skip" | "undo";
  reservation?: string | null;
  stage?: number;
  stage_upper?: number;
  reason?: string;
  note?: string;
  undoes?: string;
  decided_at: Iso;
  elapsed_ms?: number;
  mode?: "single" | "grid";
  is_blind?: boolean;
}
export interface DecisionResult {
  key: string;
  outcome: "applied" | "duplicate" | "conflict" | "rejected";
  code: string;
  message: string;
  photo_id: number | null;
}
export interface DecisionsAnswer {
  results: DecisionResult[];
  progress: Progress;
}

export interface Opinion {
  label: string;
  kind: Kind;
  stage_position: number | null;
  stage_upper_position: number | null;
  reason: string;
  note: string;
  decided_at: Iso;
}
export interface AdjudicationRow {
  photo_id: number;
  stage_gap: number;
  opened_at: Iso;
  thumb_url: string;
  view_url: string;
  opinions: Opinion[];
  suggestion: { position: number; confidence: number } | null;
}
export interface Settlement {
  outcome: "stage" | "unusable" | "undecidable" | "send_back";
  stage?: number;
  note?: string;
}

export type RunState = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "lost";
export interface Refresh {
  id: number;
  state: RunState;
  n_labels: number;
  n_scored: number;
  head_share: number | null;
  accuracy: number | null;
  finished_at: Iso | null;
  seconds: number | null;
}
export interface ModelVersionBrief {
  id: string;
  number: number;
  state: "candidate" | "promoted" | "rejected" | "retired";
  state_reason: string;
  created_at: Iso;
  promoted_at: Iso | null;
  accuracy: number | null;
  macro_f1: number | null;
  mae: number | null;
  qwk: number | null;
  ece: number | null;
  n_held_out: number;
}
export interface TrainingRun {
  id: number;
  state: RunState;
  trigger: "button" | "rule" | "command";
  requested_by: string;
  progress: number;
  step: string;
  eta_seconds: number | null;
  worker: string;
  device: string;
  attempts: number;
  error: string;
  n_train: number;
  n_held_out: number;
  created_at: Iso;
  started_at: Iso | null;
  finished_at: Iso | null;
  model_version: ModelVersionBrief | null;
  cancel_requested: boolean;
}
export interface CurvePoint {
  member: string;
  fold: number;
  epoch: number;
  epochs: number;
  loss: number;
  accuracy: number;
  val_loss: number;
  val_accuracy: number;
}
export interface LogLine {
  id: number;
  created_at: Iso;
  level: "info" | "warning" | "error";
  message: string;
}
export interface TrainingRunDetail extends TrainingRun {
  curves: CurvePoint[];
  log: LogLine[];
  config: Record<string, unknown>;
  stage_counts: number[];
  queue_position: number | null;
}
export interface LearningStatus {
  labels: number;
  labels_by_stage: number[];
  held_out_labelled: number;
  labels_until_training: number;
  can_train: boolean;
  blocked_code: string;
  blocked_message: string;
  pool: number;
  embedded: number;
  promoted: ModelVersionBrief | null;
  active_run: TrainingRun | null;
  last_refresh: Refresh | null;
  labels_since_training: number;
  workers: { queue: "default" | "score" | "train"; alive: boolean; names: string[] }[];
}
export interface Metrics {
  accuracy: number;
  accuracy_low: number;
  accuracy_high: number;
  macro_f1: number;
  mae: number;
  qwk: number;
  ece: number;
  nll: number;
  confusion: number[][];
  per_stage: { precision: number; recall: number; f1: number; support: number }[];
  temperature: number;
  per_member: { name: string; accuracy: number }[];
}
export interface ModelMember {
  name: string;
  backbone: string;
  weights_hash: string;
  n_params: number;
  stacking_weight: number;
  left_out: string;
}
export interface ModelVersionDetail extends ModelVersionBrief {
  run_id: number;
  members: ModelMember[];
  evaluations: { subset: "held_out" | "out_of_fold"; n: number; metrics: Metrics }[];
}
