"""What to ask the experts next: one module per function, all behind the contract of ``contract``.

Functions on bare arrays that share their module's name (``margin``, ``badge``, ...) are imported from the module.
"""

from classifier.core.acquisition.badge import BADGE
from classifier.core.acquisition.boundary import BOUNDARY, boundary_mass
from classifier.core.acquisition.contract import Acquisition, Choice, Missing, Pool, Why
from classifier.core.acquisition.core_set import CORE_SET
from classifier.core.acquisition.disagreement import BALD
from classifier.core.acquisition.diverse import DIVERSE_DOUBT, diverse_batch
from classifier.core.acquisition.drop_query import DROP_QUERY
from classifier.core.acquisition.entropy import ENTROPY
from classifier.core.acquisition.expected_error import EXPECTED_ERROR, expected_stage_error, utilities
from classifier.core.acquisition.margin import MARGIN
from classifier.core.acquisition.prob_cover import PROB_COVER
from classifier.core.acquisition.season_surprise import SEASON_SURPRISE
from classifier.core.acquisition.suspected_error import SUSPECTED_ERROR
from classifier.core.acquisition.timeline_violation import TIMELINE_VIOLATION
from classifier.core.acquisition.typical import TYPICAL, typical_first
from classifier.core.acquisition.variance import VARIANCE
from classifier.core.acquisition.vectors import normalise_rows

ACQUISITIONS: dict[str, Acquisition] = {
    acquisition.name: acquisition
    for acquisition in (
        MARGIN, ENTROPY, EXPECTED_ERROR, BOUNDARY, BALD, BADGE, CORE_SET, TYPICAL, PROB_COVER, DROP_QUERY,
        DIVERSE_DOUBT, VARIANCE, SEASON_SURPRISE, TIMELINE_VIOLATION, SUSPECTED_ERROR,
    )
}  # fmt: skip
"""All functions by name; a recipe names the ones it mixes."""

__all__ = [
    "ACQUISITIONS",
    "Acquisition",
    "Choice",
    "Missing",
    "Pool",
    "Why",
    "boundary_mass",
    "diverse_batch",
    "expected_stage_error",
    "normalise_rows",
    "typical_first",
    "utilities",
]
