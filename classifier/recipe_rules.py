"""Which acquisition functions a project may mix into its query batches.

Names of ``core.acquisition.ACQUISITIONS``, here without the packages behind them, which a web process lacks. Left out
are those that look at settled photos (``suspected_error``: the queue asks about open ones), those that take minutes in
a pool of a million (``badge``, ``core_set``, ``prob_cover``) and one that gains nothing over ``margin``
(``drop_query``).
"""

from __future__ import annotations

from collections.abc import Mapping

OFFERED = (
    "margin", "variance", "expected_error", "entropy", "boundary", "diverse_doubt", "typical", "bald",
    "season_surprise", "timeline_violation",
)  # fmt: skip
ORDERED_ONLY = frozenset({"boundary", "timeline_violation"})
"""These speak of an order of the stages."""
DEFAULT_CHOSEN: Mapping[str, float] = {"margin": 1.0}
DEFAULT_EVALUATION_SHARE = 0.1
DEFAULT_HARD_CAP = 0.5
MOST_HARD = 0.5
"""People tire of hard photos, and tired people err."""


def recipe_faults(
    *, chosen: Mapping[str, float], evaluation_share: float, hard_cap: float, random_share: float, is_ordered: bool
) -> dict[str, list[str]]:
    """What is wrong with a recipe, by field; empty when nothing is.

    Args:
        chosen: names and weights; the first stands in for what another cannot fill.
        evaluation_share: of a batch.
        hard_cap: most of a batch that may be hard.
        random_share: the project's.
        is_ordered: whether its stages have an order.
    """
    faults: dict[str, list[str]] = {}
    unknown = sorted(set(chosen) - set(OFFERED))
    if unknown:
        faults["chosen"] = [f"Not offered: {', '.join(unknown)}."]
    elif not is_ordered and set(chosen) & ORDERED_ONLY:
        faults["chosen"] = [f"Only for ordered stages: {', '.join(sorted(set(chosen) & ORDERED_ONLY))}."]
    elif not chosen or min(chosen.values()) <= 0:
        faults["chosen"] = ["At least one function, and a weight above 0 for each."]
    if not 0 <= hard_cap <= MOST_HARD:
        faults["hard_cap"] = [f"Between 0 and {MOST_HARD}."]
    if not 0 <= evaluation_share <= 1:
        faults["evaluation_share"] = ["Between 0 and 1."]
    elif evaluation_share + random_share > 1:
        faults["evaluation_share"] = ["More than a whole batch, together with the random share."]
    return faults
