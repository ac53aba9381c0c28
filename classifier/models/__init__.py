"""Tables of the learning side."""

from .class_reports import ClassReport
from .dashboards import Dashboard
from .evidence import PlantBounds, SeasonTable
from .exports import ModelExport
from .forecasts import LearningForecast
from .maps import PhotoMap
from .recipes import QueueRecipe
from .rules import TrainingRule
from .runs import (
    ACTIVE_STATES,
    Evaluation,
    EvaluationReport,
    ModelVersion,
    RunLogLine,
    RunState,
    ScoringRun,
    TrainingRun,
    TrainingSetSnapshot,
)
from .scores import Embedding, EmbeddingCount, Prediction
from .second_looks import SecondLook, SecondLookRound

__all__ = [
    "ACTIVE_STATES",
    "ClassReport",
    "Dashboard",
    "Embedding",
    "EmbeddingCount",
    "Evaluation",
    "EvaluationReport",
    "LearningForecast",
    "ModelExport",
    "ModelVersion",
    "PhotoMap",
    "PlantBounds",
    "Prediction",
    "QueueRecipe",
    "RunLogLine",
    "RunState",
    "ScoringRun",
    "SeasonTable",
    "SecondLook",
    "SecondLookRound",
    "TrainingRule",
    "TrainingRun",
    "TrainingSetSnapshot",
]
