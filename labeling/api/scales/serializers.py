"""Shapes of changes of a project's stages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from labeling.domain.scale_changes import StageChange
from labeling.domain.scale_templates import StageInput
from labeling.models import ScaleMigration, User

KINDS = ("merge", "split", "guideline", "more_data")


class VersionStageSerializer(serializers.Serializer[Any]):
    """A stage of a version; ``sources`` are the positions on the version before that it is made of."""

    position = serializers.IntegerField()
    slug = serializers.CharField()
    name_es = serializers.CharField()
    name_en = serializers.CharField()
    bbch_first = serializers.CharField(allow_blank=True)
    bbch_last = serializers.CharField(allow_blank=True)
    color = serializers.CharField()
    hotkey = serializers.CharField()
    sources = serializers.ListField(child=serializers.IntegerField())


class ScaleMigrationSerializer(serializers.Serializer[Any]):
    """A change of the stages: a draft, or one that was applied, undone, or is reported."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ScaleMigration.State.choices)
    from_version = serializers.IntegerField(source="from_scale.version")
    to_version = serializers.IntegerField(source="to_scale.version")
    is_ordered = serializers.BooleanField(source="to_scale.is_ordered")
    stages_before = serializers.SerializerMethodField()
    stages = serializers.SerializerMethodField()
    note = serializers.CharField(allow_blank=True)
    kind = serializers.SerializerMethodField()
    pending = serializers.ChoiceField(choices=["", "apply", "undo"])
    error = serializers.CharField(allow_blank=True)
    is_latest = serializers.SerializerMethodField(help_text="It led to the stages in use, and can be undone")
    n_mapped = serializers.IntegerField()
    n_asked = serializers.IntegerField()
    created_by = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)

    def get_kind(self, it: ScaleMigration) -> str:
        """What kind of proposal it came from; empty where somebody drew it up by hand."""
        return str(it.origin.get("kind", ""))

    def get_is_latest(self, it: ScaleMigration) -> bool:
        return it.state == ScaleMigration.State.APPLIED and it.to_scale.status == "current"

    def get_created_by(self, it: ScaleMigration) -> str:
        return _name(it.created_by)

    @extend_schema_field(VersionStageSerializer(many=True))
    def get_stages_before(self, it: ScaleMigration) -> list[dict[str, Any]]:
        return _stages(it, is_after=False)

    @extend_schema_field(VersionStageSerializer(many=True))
    def get_stages(self, it: ScaleMigration) -> list[dict[str, Any]]:
        return _stages(it, is_after=True)


class StageChangeSerializer(serializers.Serializer[Any]):
    """A stage of the new version; names that are left empty stay those of its only source."""

    sources = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=999), max_length=30)
    name_es = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    name_en = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    bbch_first = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")
    bbch_last = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")


class ScaleDraftSerializer(serializers.Serializer[Any]):
    """The next version of a scale, as somebody proposes it."""

    stages = StageChangeSerializer(many=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=KINDS, required=False, allow_blank=True, default="")

    def changes(self) -> list[StageChange]:
        """The stages as the service wants them."""
        return [
            StageChange(StageInput(**{k: v for k, v in row.items() if k != "sources"}), tuple(row["sources"]))
            for row in self.validated_data["stages"]
        ]


class ScaleStepSerializer(serializers.Serializer[Any]):
    """What is to be done with a change."""

    what = serializers.ChoiceField(choices=["apply", "undo", "report"])


def _stages(it: ScaleMigration, *, is_after: bool) -> list[dict[str, Any]]:
    before = {stage.pk: stage.position for stage in it.from_scale.stages.all()}
    scale = it.to_scale if is_after else it.from_scale
    made_of: dict[int, list[int]] = {}
    for link in it.links.all():
        made_of.setdefault(link.to_stage_id, []).append(before[link.from_stage_id])
    return [
        {
            "position": stage.position,
            "slug": stage.slug,
            "name_es": stage.name_es,
            "name_en": stage.name_en,
            "bbch_first": stage.bbch_first,
            "bbch_last": stage.bbch_last,
            "color": stage.color,
            "hotkey": stage.hotkey,
            "sources": sorted(made_of.get(stage.pk, [])) if is_after else [stage.position],
        }
        for stage in sorted(scale.stages.all(), key=lambda stage: stage.position)
    ]


def _name(person: User | None) -> str:
    return "" if person is None else str(person)
