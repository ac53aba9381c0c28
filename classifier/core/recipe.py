"""How a project mixes its query batches."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from classifier.core.acquisition import ACQUISITIONS

_SHARES = ("random_share", "blind_share", "evaluation_share", "hard_cap")


@dataclasses.dataclass(frozen=True, slots=True)
class Recipe:
    """Shares of a query batch. Round-trips through JSON by `to_dict` and `from_dict`.

    Parameters
    ----------
    chosen : mapping of str to float
        Names of ``ACQUISITIONS`` and their weights in what is neither random nor for evaluation. What one of them
        cannot use or does not fill goes to the first.
    cold_start : str
        The acquisition that does it all while there is no model to go by.
    random_share : float
        Drawn evenly from the pool, whatever the model thinks: the only photos that tell its accuracy without bias.
    blind_share : float
        Asked without a suggestion, which measures anchoring; spread over all reasons.
    evaluation_share : float
        Held-out photos; always blind.
    hard_cap : float
        Most of a batch that may be hard (see ``batches.is_hard``): people tire, and tired people err. It gives way
        only when there is nothing else to ask.

    Raises
    ------
    ValueError
        Shares outside 0..1 or beyond 1 together, unknown names, weights that are negative or all 0.
    """

    chosen: Mapping[str, float] = dataclasses.field(default_factory=lambda: {"margin": 1.0})
    cold_start: str = "typical"
    random_share: float = 0.1
    blind_share: float = 0.1
    evaluation_share: float = 0.1
    hard_cap: float = 0.5

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be within 0..1, not {getattr(self, name)}")
        if self.random_share + self.evaluation_share > 1.0:
            raise ValueError("random_share and evaluation_share must not exceed 1 together")
        unknown = sorted({*self.chosen, self.cold_start} - set(ACQUISITIONS))
        if unknown:
            raise ValueError(f"unknown acquisitions: {', '.join(unknown)}")
        if min(self.chosen.values(), default=0.0) < 0.0 or sum(self.chosen.values()) <= 0.0:
            raise ValueError("weights of the chosen part must not be negative, and not all 0")
        object.__setattr__(self, "chosen", MappingProxyType(dict(self.chosen)))

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            field.name: dict(self.chosen) if field.name == "chosen" else getattr(self, field.name)
            for field in dataclasses.fields(self)
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Build from a mapping; unknown keys raise ``ValueError`` so that a typing error is seen."""
        unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise ValueError(f"unknown settings of a recipe: {', '.join(unknown)}")
        return cls(**values)


def quotas(weights: Mapping[str, float], n: int) -> dict[str, int]:
    """Deal `n` places by weight: largest remainders first, then in the order given; they sum to `n`."""
    total = sum(weights.values())
    exact = {name: n * weight / total for name, weight in weights.items()}
    dealt = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: dealt[name] - exact[name])
    for name in by_remainder[: n - sum(dealt.values())]:
        dealt[name] += 1
    return dealt
