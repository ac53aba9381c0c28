"""JSON of photos. Output serializers read what the selectors loaded and nothing more."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.models import Annotation, Consensus, Photo
from labeling.selectors.photos import largest_rendition

_SHA256 = r"^[0-9a-f]{64}$"


class PhotoUploadSerializer(serializers.Serializer[Any]):
    """One photo as sent by a browser or phone (multipart)."""

    file = serializers.FileField(allow_empty_file=True)
    client_id = serializers.UUIDField(required=False)
    site = IdField(required=False)
    plant = IdField(required=False)
    taken_at = serializers.DateTimeField(required=False)
    import_batch = IdField(required=False)
    stage = serializers.SlugField(required=False)
    latitude = serializers.FloatField(required=False, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)
    consent_version = serializers.IntegerField(required=False, min_value=1, max_value=32767)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A label needs an import that says how to use it; half a position is none."""
        if "stage" in attrs and "import_batch" not in attrs:
            raise serializers.ValidationError({"stage": "A stage can only be given within an import."})
        if ("latitude" in attrs) != ("longitude" in attrs):
            raise serializers.ValidationError({"latitude": "Give latitude and longitude together."})
        return attrs


class PhotoReceiptSerializer(serializers.Serializer[Any]):
    """What became of a photo just sent."""

    id = serializers.IntegerField()
    sha256 = serializers.CharField()
    status = serializers.ChoiceField(choices=Photo.Status.choices)
    rejection = serializers.CharField(allow_blank=True)
    is_duplicate = serializers.BooleanField()


class PhotoCheckSerializer(serializers.Serializer[Any]):
    """Hashes of photos somebody is about to send."""

    sha256 = serializers.ListField(child=serializers.RegexField(_SHA256), max_length=500)


class KnownPhotoSerializer(serializers.Serializer[Any]):
    """A photo the project already has."""

    sha256 = serializers.CharField()
    id = serializers.IntegerField()


class PhotoCheckResultSerializer(serializers.Serializer[Any]):
    """Those of the hashes that need not be sent."""

    known = KnownPhotoSerializer(many=True)


class PhotoFilterSerializer(serializers.Serializer[Any]):
    """What the list of photos may be narrowed by; anything else in the address is ignored."""

    status = serializers.ChoiceField(choices=Photo.Status.choices, required=False)
    stage = serializers.SlugField(required=False, help_text="Slug of the stage that was agreed on")
    suggested = serializers.IntegerField(required=False, min_value=0, max_value=999, help_text="Suggested position")
    site = IdField(required=False)
    import_batch = IdField(required=False)
    no_site = serializers.BooleanField(default=False)
    no_date = serializers.BooleanField(default=False)
    taken_from = serializers.DateField(required=False, help_text="First day, in UTC")
    taken_to = serializers.DateField(required=False, help_text="Last day, in UTC")
    is_waiting = serializers.BooleanField(default=False, help_text="Ready, and not settled")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The last day has a day after it."""
        if attrs.get("taken_to") == date.max:
            del attrs["taken_to"]
        return attrs


class PhotoConsensusSerializer(serializers.Serializer[Any]):
    """What experts agreed on."""

    stage_position = serializers.IntegerField(source="stage.position", allow_null=True, default=None)
    outcome = serializers.ChoiceField(choices=Consensus.Outcome.choices)
    is_gold = serializers.SerializerMethodField()

    def get_is_gold(self, consensus: Consensus) -> bool:
        """By decree; told to adjudicators only, because it measures experts."""
        return consensus.is_gold and bool(self.context.get("sees_gold"))


class PhotoSuggestionSerializer(serializers.Serializer[Any]):
    """What a model suggests."""

    position = serializers.IntegerField()
    confidence = serializers.FloatField()


class _PhotoLinksSerializer(serializers.Serializer[Any]):
    """Builds addresses of renditions; the view gives the project's ``slug`` in the context."""

    def link(self, photo: Photo, name: Any) -> str:
        return rendition_url(self.context["slug"], photo.pk, name)


class PhotoRowSerializer(_PhotoLinksSerializer):
    """A photo in a list."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Photo.Status.choices)
    rejection = serializers.CharField(allow_blank=True)
    thumb_url = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    site = serializers.CharField(source="site.name", default="")
    plant = serializers.CharField(source="plant.name", default="")
    taken_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    original_name = serializers.CharField(allow_blank=True)
    consensus = serializers.SerializerMethodField()
    suggestion = serializers.SerializerMethodField()

    def get_thumb_url(self, photo: Photo) -> str:
        return self.link(photo, "thumb")

    @extend_schema_field(PhotoConsensusSerializer(allow_null=True))
    def get_consensus(self, photo: Photo) -> Any:
        """Nothing while the reader is asked about the photo (``held`` in the context): it may be a gold one."""
        consensus = getattr(photo, "consensus", None)
        if consensus is None or photo.pk in self.context.get("held", ()):
            return None
        return PhotoConsensusSerializer(consensus, context=self.context).data

    @extend_schema_field(PhotoSuggestionSerializer(allow_null=True))
    def get_suggestion(self, photo: Photo) -> Any:
        """Nothing while the reader is asked about the photo: it may be a blind one."""
        suggestion = getattr(photo, "suggestion", None)
        if suggestion is None or photo.pk in self.context.get("held", ()):
            return None
        return PhotoSuggestionSerializer(suggestion).data


class AnnotationRowSerializer(serializers.Serializer[Any]):
    """One statement about a photo; ``annotator`` is a name, or the source of an imported label."""

    id = serializers.IntegerField()
    annotator = serializers.SerializerMethodField()
    is_mine = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=Annotation.Kind.choices)
    stage_position = serializers.IntegerField(source="stage.position", allow_null=True, default=None)
    stage_upper_position = serializers.IntegerField(source="stage_upper.position", allow_null=True, default=None)
    reason = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_annotator(self, annotation: Annotation) -> str:
        return str(annotation.annotator) if annotation.annotator else annotation.source

    def get_is_mine(self, annotation: Annotation) -> bool:
        return annotation.annotator_id == self.context["user_id"]


class PlaceSerializer(serializers.Serializer[Any]):
    """Where a photo was taken; within about a kilometre unless the reader sent it."""

    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    is_exact = serializers.BooleanField()


class PhotoDetailSerializer(PhotoRowSerializer):
    """A photo on its own page. ``annotations`` and ``place`` come from the context, cut to what this person may see."""

    view_url = serializers.SerializerMethodField()
    full_url = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    annotations = serializers.SerializerMethodField()

    def get_view_url(self, photo: Photo) -> str:
        return self.link(photo, "view")

    def get_full_url(self, photo: Photo) -> str:
        """The largest there is; for a photo no larger than ``view`` that is ``view``, already in the browser."""
        return self.link(photo, largest_rendition(photo=photo))

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_place(self, photo: Photo) -> Any:
        place = self.context["place"]
        return None if place is None else PlaceSerializer(place).data

    @extend_schema_field(AnnotationRowSerializer(many=True))
    def get_annotations(self, photo: Photo) -> Any:
        return AnnotationRowSerializer(self.context["annotations"], many=True, context=self.context).data
