"""JSON of exports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.models import ExportJob
from labeling.services.export_formats.catalogue import FORMATS, ExportFormat

FORMAT_NAMES = [(spec.name, spec.form) for spec in FORMATS.values()]
STREAMED = {"csv", "jsonl"}
STREAMED_NAMES = [(name, form) for name, form in FORMAT_NAMES if name in STREAMED]


class ExportCreateSerializer(serializers.Serializer[Any]):
    """What to export. Without ``photos`` the format's own default holds."""

    format = serializers.ChoiceField(choices=FORMAT_NAMES)
    unit = serializers.ChoiceField(choices=ExportJob.Unit.choices, default=ExportJob.Unit.CONSENSUS)
    photos = serializers.ChoiceField(choices=ExportJob.Photos.choices, required=False, default="")
    has_places = serializers.BooleanField(default=False)
    has_names = serializers.BooleanField(default=False)
    licence = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class ExportFormatDetailSerializer(serializers.Serializer[Any]):
    """A format and what it may hold."""

    name = serializers.ChoiceField(choices=FORMAT_NAMES)
    units = serializers.ListField(child=serializers.ChoiceField(choices=ExportJob.Unit.choices))
    photos = serializers.ListField(
        child=serializers.ChoiceField(choices=ExportJob.Photos.choices), help_text="Choices; the default first"
    )
    is_stages_only = serializers.BooleanField(help_text="Rows that name no stage are left out")
    is_streamed = serializers.SerializerMethodField(help_text="Without photos it can be had at once")

    def get_is_streamed(self, spec: ExportFormat) -> bool:
        return spec.name in STREAMED


class ExportStreamSerializer(serializers.Serializer[Any]):
    """What to stream: a table without photos."""

    table = serializers.ChoiceField(choices=STREAMED_NAMES, default="csv")
    unit = serializers.ChoiceField(choices=ExportJob.Unit.choices, default=ExportJob.Unit.CONSENSUS)
    has_places = serializers.BooleanField(default=False)
    has_names = serializers.BooleanField(default=False)


class ExportRowSerializer(serializers.Serializer[Any]):
    """An export in a list."""

    id = serializers.IntegerField()
    format = serializers.ChoiceField(choices=FORMAT_NAMES)
    unit = serializers.ChoiceField(choices=ExportJob.Unit.choices)
    photos = serializers.ChoiceField(choices=ExportJob.Photos.choices)
    has_places = serializers.BooleanField()
    has_names = serializers.BooleanField()
    licence = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ExportJob.State.choices)
    total = serializers.IntegerField(help_text="Rows expected")
    done = serializers.IntegerField(help_text="Rows written")
    n_missing = serializers.IntegerField(help_text="Photos left out, because storage has lost them")
    error = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the file")
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the file")
    content_sha256 = serializers.CharField(allow_blank=True, help_text="Of the canonical rows, whatever the format")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class ExportSerializer(ExportRowSerializer):
    """An export with its card."""

    card = serializers.CharField(allow_blank=True, help_text="Dataset card, Markdown")
