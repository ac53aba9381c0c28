"""JSON of imports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.models import ImportBatch


class ImportCreateSerializer(serializers.Serializer[Any]):
    """A new import (multipart): of an archive, or an open batch whose photos follow one by one."""

    name = serializers.CharField(max_length=200)
    label_use = serializers.ChoiceField(choices=ImportBatch.LabelUse.choices, default=ImportBatch.LabelUse.NONE)
    label_source = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    archive = serializers.FileField(required=False)


class ImportReportRowSerializer(serializers.Serializer[Any]):
    """One refused file; row 0 stands for what was found later, in the pixels."""

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
    state = serializers.ChoiceField(choices=ImportBatch.State.choices)
    total = serializers.IntegerField()
    received = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    refused = serializers.IntegerField()
    processed = serializers.IntegerField()
    report = ImportReportRowSerializer(many=True)
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
