"""JSON of a sender's own photos. Output serializers read what the selectors loaded and nothing more."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from labeling.api.links import rendition_url
from labeling.models import Consensus, Photo
from labeling.selectors.my_photos import photo_answer

DECIDERS = ["model", "experts"]


class PhotoAnswerSerializer(serializers.Serializer[Any]):
    """What the sender is told: the likeliest stage, and the first and last it may be."""

    decided_by = serializers.ChoiceField(choices=DECIDERS)
    stage_position = serializers.IntegerField(allow_null=True)
    lower_position = serializers.IntegerField(allow_null=True)
    upper_position = serializers.IntegerField(allow_null=True)
    outcome = serializers.ChoiceField(choices=Consensus.Outcome.choices)
    confidence = serializers.FloatField()
    answered_at = serializers.DateTimeField(allow_null=True, help_text="When experts settled it")


class ExactPlaceSerializer(serializers.Serializer[Any]):
    """Where a photo was taken, as its sender sees it."""

    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    consent_version = serializers.IntegerField()


class MyPhotoSerializer(serializers.Serializer[Any]):
    """A photo as its sender sees it; the view gives the project's ``slug`` in the context."""

    id = serializers.IntegerField()
    client_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Photo.Status.choices)
    rejection = serializers.CharField(allow_blank=True)
    advice = serializers.ListField(child=serializers.ChoiceField(choices=Photo.Advice.choices))
    thumb_url = serializers.SerializerMethodField()
    view_url = serializers.SerializerMethodField()
    site = serializers.CharField(source="site.name", default="")
    plant = serializers.CharField(source="plant.name", default="")
    taken_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)
    place = ExactPlaceSerializer(source="location", allow_null=True, default=None)
    is_used = serializers.BooleanField(help_text="Withdrawing it releases it instead of deleting it")
    answer = serializers.SerializerMethodField()

    def get_thumb_url(self, photo: Photo) -> str | None:
        return rendition_url(self.context["slug"], photo.pk, "thumb") if photo.has_picture else None

    def get_view_url(self, photo: Photo) -> str | None:
        return rendition_url(self.context["slug"], photo.pk, "view") if photo.has_picture else None

    @extend_schema_field(PhotoAnswerSerializer(allow_null=True))
    def get_answer(self, photo: Photo) -> Any:
        answer = photo_answer(photo=photo)
        return None if answer is None else PhotoAnswerSerializer(answer).data


class MyPhotosFilterSerializer(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    since = serializers.DateTimeField(required=False, help_text="Only what was decided after this moment")


class MyPhotoChangeSerializer(serializers.Serializer[Any]):
    """What a sender may add to a photo that came without it."""

    taken_at = serializers.DateTimeField()


class WithdrawnSerializer(serializers.Serializer[Any]):
    """What became of a photo that was taken back."""

    outcome = serializers.ChoiceField(choices=["deleted", "released"])


class PlotPointSerializer(serializers.Serializer[Any]):
    """One photo of a timeline."""

    photo_id = serializers.IntegerField()
    at = serializers.DateTimeField()
    answer = PhotoAnswerSerializer()
    thumb_url = serializers.SerializerMethodField()

    def get_thumb_url(self, point: Any) -> str:
        return rendition_url(self.context["slug"], point.photo_id, "thumb")


class PlotSerializer(serializers.Serializer[Any]):
    """The timeline of a plant, or of a site whose photos name no plant."""

    site = serializers.CharField(allow_blank=True)
    plant = serializers.CharField(allow_blank=True)
    points = PlotPointSerializer(many=True)


class NewsQuerySerializer(serializers.Serializer[Any]):
    """From when on something counts as new."""

    since = serializers.DateTimeField()


class NewsSerializer(serializers.Serializer[Any]):
    """How much is new; ``until`` is what to send as ``since`` once it was seen."""

    answered = serializers.IntegerField()
    rejected = serializers.IntegerField()
    until = serializers.DateTimeField()


class LocationConsentSerializer(serializers.Serializer[Any]):
    """The consent that stands, if one does, and how many places are kept because of it."""

    version = serializers.IntegerField(allow_null=True)
    given_at = serializers.DateTimeField(allow_null=True)
    n_places = serializers.IntegerField()


class LocationConsentGiveSerializer(serializers.Serializer[Any]):
    """Which words were agreed to."""

    version = serializers.IntegerField(min_value=1, max_value=32767)


class LocationConsentWithdrawnSerializer(serializers.Serializer[Any]):
    """How many places were deleted."""

    n_deleted = serializers.IntegerField()
