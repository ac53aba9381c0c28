"""What stands for one photo: its consensus, its adjudication, what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from labeling.models import Adjudication, Consensus, KnownLabel, Photo


@dataclass(frozen=True)
class PhotoState:
    """Everything beside annotations that decides what may become of a photo.

    Attributes:
        gold: the stage declared right by decree, with ``stage`` loaded.
        consensus: what the photo is held to show.
        adjudication: open, settled, or sent back; it holds the round.
    """

    gold: KnownLabel | None
    consensus: Consensus | None
    adjudication: Adjudication | None

    @property
    def is_gold(self) -> bool:
        """Whether a decree is in force."""
        return self.consensus is not None and self.consensus.is_gold

    @property
    def is_before_adjudicator(self) -> bool:
        return self.adjudication is not None and self.adjudication.state == Adjudication.State.OPEN

    @property
    def round(self) -> int:
        """The round it is asked in, as ``current_round``."""
        return 1 if self.adjudication is None else self.adjudication.round


def photo_state(*, photo_id: int) -> PhotoState:
    """Read all of it in one statement.

    A writer reads it after locking the photo, in a statement of its own: what a statement joins to a row is as old as
    the statement's beginning, however long it waited for the row's lock.
    """
    return _state_of(_photos().get(pk=photo_id))


def photo_states(*, photo_ids: Sequence[int]) -> dict[int, PhotoState]:
    """As :func:`photo_state`, of several photos in one statement, by id."""
    return {photo.pk: _state_of(photo) for photo in _photos().filter(pk__in=photo_ids)}


def _photos() -> QuerySet[Photo]:
    return Photo.objects.select_related("consensus", "adjudication", "known_label__stage")


def _state_of(photo: Photo) -> PhotoState:
    known = getattr(photo, "known_label", None)
    gold = known if known is not None and known.kind == KnownLabel.Kind.GOLD else None
    return PhotoState(gold, getattr(photo, "consensus", None), getattr(photo, "adjudication", None))
