"""Tables of the learning side."""

from .class_reports import ClassReport
from .recipes import QueueRecipe
from .rules import TrainingRule
from .runs import (
    ACTIVE_STATES,
    Evaluation,
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
