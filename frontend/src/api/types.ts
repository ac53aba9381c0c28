/**
 * The names of the HTTP contract, taken from the generated schema: nothing here is written twice.
 *
 * `Answer` fills in what the generator leaves optional for fields with a default: the server always sends every field.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

type Whole<T> = T extends readonly (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;

type Answer<Name extends keyof Schemas> = Whole<Schemas[Name]>;

export type Iso = string;

export interface Page<T> {
  results: T[];
  next: string | null;
}

/** Every failure of the API. */
export interface ApiErrorBody {
  code: string;
  message: string;
  fields: Record<string, string[]>;
}

/** A request whose fields other than `Needed` have a default on the server. */
type Ask<Name extends keyof Schemas, Needed extends keyof Schemas[Name]> = Pick<Schemas[Name], Needed> &
  Partial<Omit<Schemas[Name], Needed>>;

export type Role = Schemas["Role"];
export type User = Answer<"User">;
export type MembershipOfMine = Answer<"MembershipOfMine">;
export type Session = Answer<"Session">;
export type AccessLink = Answer<"AccessLink">;
export type ApiToken = Answer<"ApiToken">;
export type ApiTokenMade = Answer<"ApiTokenMade">;
export type ApiTokenInput = Ask<"ApiTokenCreateRequest", "name" | "scopes">;
export type TokenScope = Schemas["TokenScope"];
export type Webhook = Answer<"Webhook">;
export type Webhooks = Answer<"Webhooks">;
export type WebhookMade = Answer<"WebhookMade">;
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookDelivery = Answer<"WebhookDelivery">;
export type Member = Answer<"Member">;
export type PracticeAsked = Answer<"PracticeAsked">;
export type PracticeQuestion = Answer<"PracticeQuestion">;
export type PracticeStanding = Answer<"PracticeStanding">;
export type PracticeGraded = Answer<"PracticeGraded">;
export type PracticeAnswer = Ask<"PracticeAnswerRequest", "key" | "photo_id" | "kind" | "scale">;
export type PracticeOverview = Answer<"PracticeOverview">;
export type PersonInPractice = Answer<"PersonInPractice">;
export type MemberAdded = Answer<"MemberAdded">;

export type ReferencePhoto = Answer<"Reference">;
export type Stage = Answer<"Stage">;
export type Candidate = Answer<"Candidate">;
export type Scale = Answer<"Scale">;
export type ProjectBrief = Answer<"ProjectBrief">;
export type ProjectCounts = Answer<"ProjectCounts">;
export type Project = Answer<"Project">;
export type StageInput = Ask<"StageInputRequest", "name_es" | "name_en">;
export type ProjectInput = Omit<Ask<"ProjectCreateRequest", "name" | "is_ordered">, "stages"> & {
  stages: StageInput[];
};
export type ProjectPatch = Partial<Schemas["PatchedProjectUpdateRequest"]>;
export type ScaleTemplate = Answer<"ScaleTemplate">;
export type Site = Answer<"Site">;

export type PhotoStatus = Schemas["PhotoStatus"];
export type PhotoReceipt = Answer<"PhotoReceipt">;
export type PhotoRow = Answer<"PhotoRow">;
export type PhotoDetail = Answer<"PhotoDetail">;
export type AnnotationRow = Answer<"AnnotationRow">;
export type Kind = Schemas["AnnotationKind"];
export type MyPhoto = Answer<"MyPhoto">;
export type PhotoAnswer = Answer<"PhotoAnswer">;
export type PhotoAdvice = MyPhoto["advice"][number];
export type Plot = Answer<"Plot">;
export type PlotPoint = Answer<"PlotPoint">;
export type News = Answer<"News">;
export type LocationConsent = Answer<"LocationConsent">;

export type Import = Answer<"Import">;
export type ImportDetail = Answer<"ImportDetail">;
export type ImportReportRow = Answer<"ImportReportRow">;
export type Upload = Answer<"Upload">;
export type ImportForm = Import["form"];
export type LabelUse = Import["label_use"];

export type ExportRow = Answer<"ExportRow">;
export type ExportDetail = Answer<"Export">;
export type ExportFormat = Answer<"ExportFormatDetail">;
export type ExportOrder = Required<Schemas["ExportCreateRequest"]>;

export type QueueReason = Schemas["QueueReason"];
export type QueueItem = Answer<"QueueItem">;
export type QueuePair = Answer<"QueuePair">;
export type Progress = Answer<"Progress">;
export type QueueStatus = Answer<"QueueStatus">;
export type Reserved = Answer<"Reserved">;
/** `undoes` is given or absent here, never null: rows of the write-ahead log are compared by it. */
export type Decision = Omit<Ask<"DecisionRequest", "key" | "photo_id" | "kind" | "decided_at">, "undoes"> & {
  undoes?: string;
};
export type DecisionResult = Answer<"DecisionResult">;
export type DecisionsAnswer = Answer<"DecisionsAnswered">;

export type Triage = Answer<"Triage">;
export type TriageReserved = Answer<"TriageReserved">;
export type PlantStrip = Answer<"PlantStrip">;
export type PlantPhoto = Answer<"PlantPhoto">;
export type PhotoHistory = Answer<"PhotoHistory">;
export type HistoryEvent = Answer<"HistoryEvent">;
export type Neighbours = Answer<"Neighbours">;
export type Neighbour = Answer<"Neighbour">;

export type DateEvidence = Answer<"DateEvidence">;
export type SeasonSaid = NonNullable<DateEvidence["season"]>;

export type Opinion = Answer<"Opinion">;
export type AdjudicationRow = Answer<"AdjudicationRow">;
export type Settlement = Ask<"AdjudicationSettleRequest", "outcome">;

export type SecondLookRow = Answer<"SecondLookRow">;
export type SecondLookReason = Schemas["SecondLookReason"];
export type SecondLookSummary = Answer<"SecondLookSummary">;
export type SecondLookRound = Answer<"RoundEffect">;
export type SecondLookSettlement = Ask<"SecondLookSettleRequest", "outcome">;
export type Companion = Answer<"Companion">;

export type MapStatus = Answer<"MapStatus">;
export type LotAct = Schemas["LotAct"];
export type LotResult = Answer<"LotResult">;
export type LotApplied = Answer<"LotApplied">;
export type Classes = Answer<"Classes">;
export type Dashboard = Answer<"Dashboard">;
export type Covered = Answer<"Covered">;
export type NextStepRow = Answer<"NextStep">;
export type PlantSeason = Answer<"PlantSeason">;
export type ClassPair = Answer<"ClassPair">;
export type ClassFigure = Answer<"ClassFigure">;
export type ClassProposal = Answer<"ClassProposal">;
export type ClassSide = Answer<"ClassSide">;
export type ClassEffect = Answer<"Effect">;
export type ClassPartition = Answer<"Partition">;
export type MappedFigures = Answer<"MappedFigures">;
export type ScaleMigration = Answer<"ScaleMigration">;
export type ScaleDraft = Schemas["ScaleDraftRequest"];

export type Interval = Answer<"Interval">;
export type Agreement = Answer<"Agreement">;
export type AnnotatorAgreement = Answer<"AnnotatorAgreement">;

export type RunState = Schemas["RunState"];
export type Refresh = Answer<"Refresh">;
export type ModelVersionBrief = Answer<"ModelVersionBrief">;
export type ModelExport = Answer<"ModelExport">;
export type EvaluationReport = Schemas["EvaluationReport"];
export type ReportSubset = Schemas["ReportSubset"];
export type ModelVersionDetail = Answer<"ModelVersionDetail">;
export type ShadowComparison = NonNullable<ModelVersionDetail["shadow"]>;
export type ModelMember = Answer<"ModelMember">;
export type Metrics = Answer<"ModelMetrics">;
export type TrainingRun = Answer<"TrainingRun">;
export type TrainingRunDetail = Answer<"TrainingRunDetail">;
export type CurvePoint = Answer<"TrainingCurvePoint">;
export type LogLine = Answer<"TrainingLogLine">;
export type LearningStatus = Answer<"LearningStatus">;
export type Forecast = Answer<"Forecast">;
export type ForecastTold = NonNullable<Forecast["told"]>;
export type ForecastPart = ForecastTold["overall"];
export type ForecastCurve = NonNullable<ForecastPart["curve"]>;
export type Recipe = Answer<"Recipe">;
export type RecipeSet = Schemas["RecipeSetRequest"];
export type TrainingRule = Answer<"TrainingRule">;
export type AcquisitionName = Schemas["AcquisitionName"];
