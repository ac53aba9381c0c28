"""Shapes of practice."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.models import Photo, Practice, PracticeAnswer
from labeling.selectors.practice import Standing

PERSON_STATES = ("new", "practising", "counts", "free")


class PracticeStandingSerializer(serializers.Serializer[Any]):
    """Where the reader stands. ``share`` is of the last ``n_wanted`` answers."""

    state = serializers.ChoiceField(choices=Practice.State.choices)
    must_practise = serializers.BooleanField()
    n_known = serializers.IntegerField(help_text="Photos that may be asked; at most ``n_wanted``")
    n_wanted = serializers.IntegerField()
    share_wanted = serializers.FloatField()
    n_answers = serializers.IntegerField()
    n_last = serializers.IntegerField()
    n_exact = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    stages_missing = serializers.ListField(child=serializers.IntegerField(), help_text="Positions not asked yet")
    has_passed = serializers.BooleanField()
    grades = serializers.ListField(child=serializers.ChoiceField(choices=PracticeAnswer.Grade.choices))


class PracticeQuestionSerializer(serializers.Serializer[Any]):
    """A photo to practise on; nothing of what is known of it."""

    photo_id = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    full_url = serializers.CharField()
    taken_at = serializers.DateTimeField(allow_null=True)


class PracticeAskedSerializer(serializers.Serializer[Any]):
    """What is asked now, if anything is known, and where the reader stands."""

    question = PracticeQuestionSerializer(allow_null=True)
    standing = PracticeStandingSerializer()


class PracticeAnswerSerializer(serializers.Serializer[Any]):
    """An answer; positions are of the scale ``scale``."""

    key = serializers.UUIDField()
    photo_id = IdField()
    kind = serializers.ChoiceField(choices=PracticeAnswer.Kind.choices)
    scale = IdField()
    stage = serializers.IntegerField(required=False, allow_null=True, default=None)
    stage_upper = serializers.IntegerField(required=False, allow_null=True, default=None)
    elapsed_ms = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True, default=None
    )


class PracticeGradedSerializer(PracticeAskedSerializer):
    """How the answer was, what is known of the photo, and what is asked next."""

    grade = serializers.ChoiceField(choices=PracticeAnswer.Grade.choices)
    known = serializers.IntegerField(help_text="Position of the known stage")


class PersonInPracticeSerializer(serializers.Serializer[Any]):
    """How one expert stands; ``decided_by`` is empty where the rule decided."""

    membership_id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=PERSON_STATES)
    n_answers = serializers.IntegerField()
    n_exact = serializers.IntegerField()
    n_last = serializers.IntegerField()
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class PracticeOverviewSerializer(serializers.Serializer[Any]):
    """The experts of a project, and whether enough is known for practising."""

    n_known = serializers.IntegerField(help_text="Known photos; at most ``n_wanted``")
    n_wanted = serializers.IntegerField()
    share_wanted = serializers.FloatField(help_text="Asked for now: the experts' own agreement where that is less")
    people = PersonInPracticeSerializer(many=True)


class PracticeDecideSerializer(serializers.Serializer[Any]):
    """Let an expert pass (true), or send them to practise."""

    counts = serializers.BooleanField()


def question_data(slug: str, photo: Photo | None) -> dict[str, Any] | None:
    """A photo as :class:`PracticeQuestionSerializer` renders it."""
    if photo is None:
        return None
    return {
        "photo_id": photo.pk,
        "width": photo.width,
        "height": photo.height,
        "thumb_url": rendition_url(slug, photo.pk, "thumb"),
        "view_url": rendition_url(slug, photo.pk, "view"),
        "full_url": rendition_url(slug, photo.pk, "full"),
        "taken_at": photo.taken_at,
    }


def standing_data(standing: Standing) -> dict[str, Any]:
    """A standing as :class:`PracticeStandingSerializer` renders it."""
    result = standing.result
    return {
        "state": standing.state,
        "must_practise": standing.must_practise,
        "n_known": standing.n_known,
        "n_wanted": standing.n_wanted,
        "share_wanted": standing.rule.share,
        "n_answers": result.n_answers,
        "n_last": result.n_last,
        "n_exact": result.n_exact,
        "share": result.share,
        "stages_missing": sorted(result.missing),
        "has_passed": result.has_passed,
        "grades": standing.grades,
    }
