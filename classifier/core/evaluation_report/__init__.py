"""The report on a model version: every figure with its interval, computed from probabilities and labels alone.

Each part of a report is a module; all give plain values, ready for JSON. A figure is ``{"value", "low", "high"}``, with
the 95 % interval of a bootstrap over whole groups.
"""

from classifier.core.evaluation_report.flips import Rival
from classifier.core.evaluation_report.references import References
from classifier.core.evaluation_report.report import FORMAT, ScoredPhotos, subset_report

__all__ = ["FORMAT", "References", "Rival", "ScoredPhotos", "subset_report"]
