"""Shapes of test-retest."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.agreement.serializers import IntervalSerializer
from labeling.api.links import rendition_url
from labeling.api.practice.serializers import PracticeAnswerSerializer, PracticeQuestionSerializer, question_data
from labeling.models import PracticeAnswer
from labeling.selectors.retest import RoundResult, Standing


class RetestAnswerSerializer(PracticeAnswerSerializer):
    """A second answer; positions are of the scale ``scale``."""


class RetestStandingSerializer(serializers.Serializer[Any]):
    """What is asked now, and where the reader stands; nothing of what was said before, nor of how the round goes."""

    question = PracticeQuestionSerializer(allow_null=True, help_text="Null: no round is open")
    n_photos = serializers.IntegerField(help_text="Of the open round")
    n_answered = serializers.IntegerField()
    n_askable = serializers.IntegerField(help_text="Decisions old enough to be asked again")
    n_wanted = serializers.IntegerField(help_text="Photos of a round, where so many may be asked")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When the next decision is old enough")


class SelfAgreementSerializer(serializers.Serializer[Any]):
    """Shares of photos that got the same stage again; within one stage is null on a scale without an order."""

    exact = IntervalSerializer(allow_null=True)
    within_one = IntervalSerializer(allow_null=True)
    clear = IntervalSerializer(allow_null=True)
    boundary = IntervalSerializer(allow_null=True)


class PersonRetestedSerializer(serializers.Serializer[Any]):
    """How far one person agrees with themselves."""

    name = serializers.CharField()
    is_me = serializers.BooleanField()
    n_rounds = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    figures = SelfAgreementSerializer()


class RetestResultsSerializer(serializers.Serializer[Any]):
    """Everybody's figures for adjudicators, one's own for experts."""

    people = PersonRetestedSerializer(many=True)


class RetestDifferenceSerializer(serializers.Serializer[Any]):
    """A photo said to be something else; positions on the current scale, null where they have none."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    first = serializers.IntegerField(allow_null=True)
    first_answered_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=PracticeAnswer.Kind.choices)
    stage = serializers.IntegerField(allow_null=True)
    stage_upper = serializers.IntegerField(allow_null=True)


class RetestRoundSerializer(serializers.Serializer[Any]):
    """How a finished round went."""

    finished_at = serializers.DateTimeField()
    figures = SelfAgreementSerializer()
    differences = RetestDifferenceSerializer(many=True)


class RetestLastSerializer(serializers.Serializer[Any]):
    """The reader's latest round; null before the first, and while another is open."""

    last = RetestRoundSerializer(allow_null=True)


def standing_data(slug: str, standing: Standing) -> dict[str, Any]:
    """A standing as :class:`RetestStandingSerializer` renders it."""
    return {
        "question": question_data(slug, standing.photo),
        "n_photos": standing.n_photos,
        "n_answered": standing.n_answered,
        "n_askable": standing.askable.n,
        "n_wanted": standing.n_wanted,
        "next_at": standing.askable.next_at,
    }


def round_data(slug: str, result: RoundResult | None) -> dict[str, Any] | None:
    """A finished round as :class:`RetestRoundSerializer` renders it."""
    if result is None:
        return None
    differences = [
        {
            "photo_id": it.photo.pk,
            "thumb_url": rendition_url(slug, it.photo.pk, "thumb"),
            "view_url": rendition_url(slug, it.photo.pk, "view"),
            "first": it.first,
            "first_answered_at": it.first_answered_at,
            "kind": it.kind,
            "stage": it.stage,
            "stage_upper": it.stage_upper,
        }
        for it in result.differences
    ]
    return {"finished_at": result.finished_at, "figures": result.figures, "differences": differences}
