"""Shapes of projects, scales and stages."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.links import rendition_url
from labeling.domain.stages import MAX_STAGES, MIN_STAGES
from labeling.models import GrowthStage, Project, Role, StageScale, User
from labeling.selectors.practice import must_practise
from labeling.selectors.projects import current_scale, project_counts


class ReferenceSerializer(serializers.Serializer[Any]):
    """An example photo of a stage, or of its boundary with the stage ``beside`` it."""

    photo_id = serializers.IntegerField()
    beside = serializers.IntegerField(allow_null=True, help_text="Id of that stage")
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()


class StageSerializer(serializers.ModelSerializer[GrowthStage]):
    """One stage; the context holds the project's ``slug``."""

    references = serializers.SerializerMethodField()

    class Meta:
        model = GrowthStage
        fields = (
            "id", "position", "slug", "name_es", "name_en", "description_es", "description_en", "bbch_first",
            "bbch_last", "color", "hotkey", "references",
        )  # fmt: skip

    def get_references(self, stage: GrowthStage) -> ReferenceSerializer(many=True):  # type: ignore[valid-type]
        slug = self.context["slug"]
        return [
            {
                "photo_id": reference.photo_id,
                "beside": reference.beside_id,
                "thumb_url": rendition_url(slug, reference.photo_id, "thumb"),
                "view_url": rendition_url(slug, reference.photo_id, "view"),
            }
            for reference in stage.references.all()
        ]


class ScaleSerializer(serializers.ModelSerializer[StageScale]):
    """The current scale, its stages in order."""

    stages = StageSerializer(many=True)

    class Meta:
        model = StageScale
        fields = ("id", "version", "is_ordered", "stages")


class ProjectCountsSerializer(serializers.Serializer[Any]):
    """How many photos stand where."""

    photos = serializers.IntegerField()
    ready = serializers.IntegerField()
    received = serializers.IntegerField()
    rejected = serializers.IntegerField()
    held_out = serializers.IntegerField()
    consensus = serializers.IntegerField()
    adjudications_open = serializers.IntegerField()
    queue_open = serializers.IntegerField()


class ProjectBriefSerializer(serializers.Serializer[Any]):
    """A project in a list, with the reader's role."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices)


class ProjectSerializer(ProjectBriefSerializer):
    """A project with its scale, settings and counts."""

    scale = ScaleSerializer()
    labels_wanted = serializers.IntegerField()
    labels_max = serializers.IntegerField(allow_null=True)
    certainty_wanted = serializers.FloatField(allow_null=True)
    model_vote_cap = serializers.FloatField()
    critical_boundaries = serializers.ListField(child=serializers.IntegerField())
    gold_share = serializers.FloatField()
    batch_size = serializers.IntegerField()
    random_share = serializers.FloatField()
    blind_share = serializers.FloatField()
    held_out_share = serializers.FloatField()
    refresh_every = serializers.IntegerField()
    practice_for_new = serializers.BooleanField()
    practice_answers = serializers.IntegerField()
    practice_share = serializers.FloatField()
    must_practise = serializers.BooleanField(help_text="The reader is handed nothing to decide before practising")
    counts = ProjectCountsSerializer()


class StageInputSerializer(serializers.Serializer[Any]):
    """A stage as asked for; what is left empty is filled in."""

    name_es = serializers.CharField(max_length=80)
    name_en = serializers.CharField(max_length=80)
    slug = serializers.CharField(max_length=60, allow_blank=True, required=False)
    bbch_first = serializers.CharField(max_length=3, allow_blank=True, required=False)
    bbch_last = serializers.CharField(max_length=3, allow_blank=True, required=False)
    description_es = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    description_en = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    color = serializers.CharField(max_length=7, allow_blank=True, required=False)
    hotkey = serializers.CharField(max_length=1, allow_blank=True, required=False)


class ConsensusPolicySerializer(serializers.Serializer[Any]):
    """When a photo has been answered enough; see ``domain/consensus.py``."""

    labels_wanted = serializers.IntegerField(min_value=1, max_value=9, required=False)
    labels_max = serializers.IntegerField(min_value=1, max_value=15, required=False, allow_null=True)
    certainty_wanted = serializers.FloatField(min_value=0.5, max_value=0.999, required=False, allow_null=True)
    model_vote_cap = serializers.FloatField(min_value=0, max_value=1, required=False)
    critical_boundaries = serializers.ListField(
        child=serializers.IntegerField(min_value=0), max_length=MAX_STAGES, required=False
    )
    gold_share = serializers.FloatField(min_value=0, max_value=0.5, required=False)


class ProjectCreateSerializer(ConsensusPolicySerializer):
    """A new project."""

    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=60, allow_blank=True, required=False)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    is_ordered = serializers.BooleanField()
    stages = StageInputSerializer(many=True, min_length=MIN_STAGES, max_length=MAX_STAGES)  # type: ignore[call-arg]


class ProjectUpdateSerializer(ConsensusPolicySerializer):
    """Changes of a project."""

    name = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    batch_size = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    random_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    blind_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    refresh_every = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    practice_for_new = serializers.BooleanField(required=False)
    practice_answers = serializers.IntegerField(min_value=5, max_value=200, required=False)
    practice_share = serializers.FloatField(min_value=0.5, max_value=1, required=False)


class ScaleTemplateSerializer(serializers.Serializer[Any]):
    """A scale to start from."""

    key = serializers.CharField()
    name_es = serializers.CharField()
    name_en = serializers.CharField()
    is_ordered = serializers.BooleanField()
    stages = StageInputSerializer(many=True)


def project_data(project: Project, role: Role, reader: User) -> dict[str, Any]:
    """A project as :class:`ProjectSerializer` renders it."""
    settings = (
        "labels_wanted", "labels_max", "certainty_wanted", "model_vote_cap", "critical_boundaries", "gold_share",
        "batch_size", "random_share", "blind_share", "held_out_share", "refresh_every",
        "practice_for_new", "practice_answers", "practice_share",
    )  # fmt: skip
    data = {
        "slug": project.slug,
        "name": project.name,
        "description": project.description,
        "role": role,
        "scale": current_scale(project_id=project.pk),
        "must_practise": role == Role.EXPERT and must_practise(project=project, user=reader),
        "counts": project_counts(project_id=project.pk),
        **{name: getattr(project, name) for name in settings},
    }
    return dict(ProjectSerializer(data, context={"slug": project.slug}).data)
