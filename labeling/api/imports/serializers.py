"""JSON of imports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.models import ImportBatch
from labeling.selectors.imports import import_reasons
from labeling.services.import_formats.detection import AUTO, FORMATS


class ImportCreateSerializer(serializers.Serializer[Any]):
    """A new import (multipart): of an archive, or an open batch whose photos follow one by one."""

    name = serializers.CharField(max_length=200)
    label_use = serializers.ChoiceField(choices=ImportBatch.LabelUse.choices, default=ImportBatch.LabelUse.NONE)
    label_source = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    archive = serializers.FileField(required=False, help_text="A ZIP, or a table about photos of the project")
    upload = IdField(
        required=False, help_text="Id of an archive that was sent in chunks, instead of the archive itself"
    )
    form = serializers.ChoiceField(choices=FORMATS, default=AUTO, help_text="What the archive is; auto: found out")
    dry_run = serializers.BooleanField(default=False, help_text="Only tell what would come in; needs an archive")
    rehearsal = IdField(
        required=False,
        help_text="Id of an import (dry, failed or cancelled) whose archive is to be imported now, not sent again",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One archive: sent now, sent in chunks, or kept since an earlier import."""
        given = [name for name in ("archive", "upload", "rehearsal") if name in attrs]
        if len(given) > 1:
            raise serializers.ValidationError({given[-1]: f"Give one of {', '.join(given)}."})
        return attrs


class ImportReportRowSerializer(serializers.Serializer[Any]):
    """One refused row; row 0 stands for what came one by one, or was found later, in the pixels."""

    id = serializers.IntegerField()
    row = serializers.IntegerField()
    name = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """An import and how far it is."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label_use = serializers.ChoiceField(choices=ImportBatch.LabelUse.choices)
    label_source = serializers.CharField(allow_blank=True)
    form = serializers.ChoiceField(choices=FORMATS)
    is_dry_run = serializers.BooleanField()
    has_archive = serializers.SerializerMethodField(
        help_text="Kept: a dry run, or a failed import, can be followed by the import itself"
    )
    state = serializers.ChoiceField(choices=ImportBatch.State.choices)
    total = serializers.IntegerField()
    received = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    refused = serializers.IntegerField()
    processed = serializers.IntegerField()
    report = ImportReportRowSerializer(many=True, help_text="The first refusals; all of them are under /report")
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_has_archive(self, batch: ImportBatch) -> bool:
        return bool(batch.archive)


class ImportReasonSerializer(serializers.Serializer[Any]):
    """A reason for refusing, and how many rows it met."""

    code = serializers.CharField()
    count = serializers.IntegerField()


class ImportDetailSerializer(ImportSerializer):
    """An import with its refusals by reason."""

    reasons = serializers.SerializerMethodField(help_text="The commonest first")

    @extend_schema_field(ImportReasonSerializer(many=True))
    def get_reasons(self, batch: ImportBatch) -> list[dict[str, Any]]:
        return import_reasons(batch=batch)
