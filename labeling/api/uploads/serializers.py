"""JSON of files on their way."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.services.import_archives import MAX_ARCHIVE_BYTES


class UploadOpenSerializer(serializers.Serializer[Any]):
    """A file that is to be sent in chunks."""

    name = serializers.CharField(max_length=200)
    size = serializers.IntegerField(min_value=1, max_value=2**53, help_text=f"Bytes; at most {MAX_ARCHIVE_BYTES}")
    fingerprint = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="64 hex digits by which you know the same file again, such as a hash of it"
    )


class UploadChunkSerializer(serializers.Serializer[Any]):
    """One chunk (multipart)."""

    chunk = serializers.FileField()


class UploadSerializer(serializers.Serializer[Any]):
    """A file and how much of it has arrived."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    fingerprint = serializers.CharField()
    chunk_bytes = serializers.IntegerField(help_text="Of every chunk but the last")
    n_chunks = serializers.IntegerField(help_text="Chunks that have arrived; the number of the next")
    received = serializers.IntegerField(help_text="Bytes that have arrived")
    is_whole = serializers.BooleanField()
    touched_at = serializers.DateTimeField()
