"""What is already known of some locked photos in the way of an import, and what new statements add to it.

A book is read once for many photos and written once. A statement is taken as a whole or refused as a whole, and one
that says what was said before adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.models import Adjudication, Annotation, GrowthStage, ImportBatch, KnownLabel

Content = tuple[str, int | None, int | None, str]


@dataclass(frozen=True)
class StatedLabel:
    """What somebody said about a photo, in terms of the scale. ``source`` is "" where the import names the source."""

    kind: str
    stage: GrowthStage | None = None
    stage_upper: GrowthStage | None = None
    source: str = ""
    reason: str = ""
    note: str = ""
    decided_at: datetime | None = None
    is_gold: bool = False


class LabelBook(Protocol):
    """Labels of one kind of use, for photos whose rows the caller holds locked."""

    def state(self, photo_id: int, labels: Sequence[StatedLabel]) -> None:
        """Take what was said of a photo.

        Raises:
            Conflict: something else was stated before in the same way ("label_conflict"); that stays.
            DomainError: "label_not_a_stage" or "label_ambiguous", for gold and hidden labels.
        """
        ...

    def write(self) -> set[int]:
        """Write what is new; returns the photos it is about."""
        ...


def label_book(*, photo_ids: Sequence[int], label_use: str, source: str) -> LabelBook:
    """The book for ``label_use``: prior annotations each by its source, or one known stage per photo."""
    if label_use == ImportBatch.LabelUse.PRIOR:
        return _PriorAnnotations(photo_ids, source)
    return _KnownStages(photo_ids, KnownLabel.Kind(label_use))


class _PriorAnnotations:
    """One standing annotation per photo and source."""

    def __init__(self, photo_ids: Sequence[int], source: str) -> None:
        self._source = source
        self._now = timezone.now()
        self._said: dict[tuple[int, str], Content] = {}
        standing = Annotation.objects.standing().filter(photo_id__in=photo_ids, annotator=None).order_by("-id")
        for it in standing.only("photo_id", "source", "kind", "stage_id", "stage_upper_id", "reason"):
            self._said[it.photo_id, it.source] = (it.kind, it.stage_id, it.stage_upper_id, it.reason)
        sent_back = Adjudication.objects.filter(photo_id__in=photo_ids, round__gt=1)
        self._rounds = dict(sent_back.values_list("photo_id", "round"))
        self._new: list[Annotation] = []

    def state(self, photo_id: int, labels: Sequence[StatedLabel]) -> None:
        said: dict[tuple[int, str], Content] = {}
        new: list[Annotation] = []
        for label in labels:
            key, content = (photo_id, label.source or self._source), _content(label)
            given = said.get(key) or self._said.get(key)
            if given is None:
                said[key] = content
                new.append(self._annotation(photo_id, label))
            elif given != content:
                raise Conflict("label_conflict", f"{key[1]} has already said something else of this photo.")
        self._said |= said
        self._new += new

    def write(self) -> set[int]:
        Annotation.objects.bulk_create(self._new)
        return {it.photo_id for it in self._new}

    def _annotation(self, photo_id: int, label: StatedLabel) -> Annotation:
        return Annotation(
            photo_id=photo_id,
            source=label.source or self._source,
            round=self._rounds.get(photo_id, 1),
            kind=label.kind,
            stage=label.stage,
            stage_upper=label.stage_upper,
            reason=label.reason,
            note=label.note,
            mode=Annotation.Mode.IMPORT,
            decided_at=min(label.decided_at or self._now, self._now),
        )


class _KnownStages:
    """One stage per photo: that of the labels called gold, or of all if none is."""

    def __init__(self, photo_ids: Sequence[int], kind: KnownLabel.Kind) -> None:
        self._kind = kind
        known = KnownLabel.objects.filter(photo_id__in=photo_ids).select_related("stage")
        self._known = {it.photo_id: it for it in known}
        self._new: list[KnownLabel] = []
        self._raised: set[int] = set()

    def state(self, photo_id: int, labels: Sequence[StatedLabel]) -> None:
        stage = _the_stage(labels)
        known = self._known.get(photo_id)
        if known is None:
            known = self._known[photo_id] = KnownLabel(photo_id=photo_id, stage=stage, kind=self._kind)
            self._new.append(known)
        elif known.stage_id != stage.pk:
            raise Conflict("label_conflict", f"The photo is already known to show {known.stage.slug}.")
        elif self._kind == KnownLabel.Kind.GOLD and known.kind != self._kind:
            self._raised.add(photo_id)  # a hidden label may be made gold; never the other way round

    def write(self) -> set[int]:
        KnownLabel.objects.bulk_create(self._new)
        KnownLabel.objects.filter(photo_id__in=self._raised).update(kind=self._kind)
        return {it.photo_id for it in self._new} | self._raised


def _the_stage(labels: Sequence[StatedLabel]) -> GrowthStage:
    counted = [label for label in labels if label.is_gold] or labels
    stages = {label.stage for label in counted if label.kind == Annotation.Kind.STAGE and label.stage is not None}
    if len(stages) > 1:
        raise DomainError("label_ambiguous", "The labels of this photo name several stages.")
    if not stages or any(label.kind != Annotation.Kind.STAGE for label in counted):
        raise DomainError("label_not_a_stage", "A label that is held to be right must be one stage.")
    return stages.pop()


def _content(label: StatedLabel) -> Content:
    pk = lambda stage: stage.pk if stage else None  # noqa: E731 - local shorthand
    return label.kind, pk(label.stage), pk(label.stage_upper), label.reason
