"""From what a source says about a photo, in its own words, to stages of the scale."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from labeling.domain.decisions import MESSAGES, REASONS
from labeling.domain.errors import DomainError
from labeling.domain.stages import slug_of
from labeling.models import Annotation, GrowthStage, Project, Site, StageScale
from labeling.services.import_formats.rows import ImportRow, LabelStatement
from labeling.services.label_book import StatedLabel

SOURCE_LENGTH = 80
NOTE_LENGTH = 10_000
OTHER = "other"


class Stages:
    """Finds a stage of the current scale by any of its names."""

    def __init__(self, project: Project) -> None:
        self._by_name: dict[str, GrowthStage] = {}
        scale = StageScale.objects.filter(project=project, status=StageScale.Status.CURRENT).first()
        self._is_ordered = scale is not None and scale.is_ordered
        stages = list(GrowthStage.objects.filter(scale=scale).order_by("position"))
        for stage in stages:
            self._by_name.setdefault(stage.slug, stage)
        for stage in stages:
            for name in (slug_of(stage.name_en), slug_of(stage.name_es)):
                self._by_name.setdefault(name, stage)

    def named(self, labels: tuple[str, ...]) -> GrowthStage:
        """The stage that the first recognised label names.

        Raises:
            DomainError: ``unknown_label``, if none does.
        """
        for label in labels:
            stage = self._by_name.get(label) or self._by_name.get(slug_of(label))
            if stage is not None:
                return stage
        raise DomainError("unknown_label", f"The scale has no stage called {', '.join(labels[:1])!r}.")

    def stated(self, row: ImportRow, *, source: str) -> list[StatedLabel]:
        """What a row says: its statements, or the class it lies in. ``source`` goes before names of mere authors.

        Raises:
            DomainError: a stage is unknown, or two are no neighbours.
        """
        if row.statements:
            return [self._stated(statement, source) for statement in row.statements]
        return [StatedLabel(Annotation.Kind.STAGE, self.named(row.labels))] if row.labels else []

    def _stated(self, said: LabelStatement, source: str) -> StatedLabel:
        by = said.source or (f"{source} {said.author}".strip() if said.author else "")
        told = {
            "source": storable(by)[:SOURCE_LENGTH],
            "note": storable(said.note)[:NOTE_LENGTH],
            "decided_at": time_of(said.decided_at, None),
            "is_gold": said.is_gold,
        }
        if said.kind == "between":
            lower, upper = self._neighbours(self.named(said.labels), self.named((said.upper,)))
            return StatedLabel(Annotation.Kind.BETWEEN, lower, upper, **told)  # type: ignore[arg-type]
        if said.kind == "stage":
            return StatedLabel(Annotation.Kind.STAGE, self.named(said.labels), **told)  # type: ignore[arg-type]
        # What a consensus could not decide is, as one opinion, that it cannot be told.
        kind = "unusable" if said.kind == "unusable" else "cannot_tell"
        reason = said.reason if said.reason in REASONS[kind] else OTHER
        return StatedLabel(Annotation.Kind(kind), reason=reason, **told)  # type: ignore[arg-type]

    def _neighbours(self, one: GrowthStage, other: GrowthStage) -> tuple[GrowthStage, GrowthStage]:
        lower, upper = sorted((one, other), key=lambda stage: stage.position)
        if not self._is_ordered:
            raise DomainError("scale_unordered", MESSAGES["scale_unordered"])
        if upper.position - lower.position != 1:
            raise DomainError("label_ambiguous", "The label names two stages that do not follow each other.")
        return lower, upper


def storable(text: str) -> str:
    """``text`` without what PostgreSQL cannot hold: NUL, and halves of characters that JSON may spell."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def time_of(text: str, site: Site | None) -> datetime | None:
    """A moment as sources write it; without an offset, in the zone of the site.

    Raises:
        DomainError: ``bad_time``.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DomainError("bad_time", f"{text[:40]!r} is not a time like 2026-05-01T10:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(site.timezone if site else "UTC"))
