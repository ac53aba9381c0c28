"""Tables of the learning side."""

from .class_reports import ClassReport
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
from .scores import Embedding, Prediction
from .second_looks import SecondLook, SecondLookRound

__all__ = [
    "ACTIVE_STATES",
    "ClassReport",
    "Embedding",
    "Evaluation",
    "EvaluationReport",
    "ModelVersion",
    "Prediction",
    "QueueRecipe",
    "RunLogLine",
    "RunState",
    "ScoringRun",
    "SecondLook",
    "SecondLookRound",
    "TrainingRule",
    "TrainingRun",
    "TrainingSetSnapshot",
]
