"""Where photos and models are kept: a folder, or a bucket of any S3-compatible store."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from config.env import Environment


def storages(environment: Environment) -> dict[str, Any]:
    """Django's STORAGES: ``default`` for photos and models, ``staticfiles`` for the built front end."""
    static = {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}
    if not environment.s3_bucket:
        folder = {
            "BACKEND": "config.folder_storage.FolderStorage",
            "OPTIONS": {"location": environment.media_dir},
        }
        return {"default": folder, "staticfiles": static}
    options = {
        "bucket_name": environment.s3_bucket,
        "endpoint_url": environment.s3_endpoint_url or None,
        "region_name": environment.s3_region or None,
        "default_acl": "private",
        "file_overwrite": True,
        "querystring_auth": True,
        "client_config": _patience(),
        # What is opened is copied to this machine; beyond this, to a temporary file instead of memory.
        "max_memory_size": 8 * 2**20,
    }
    return {"default": {"BACKEND": "config.bucket_storage.BucketStorage", "OPTIONS": options}, "staticfiles": static}


def _patience() -> Config:
    """A store that does not answer is given up after half a minute, not five: callers know what to do about it."""
    return Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 2},
        s3={"addressing_style": "auto"},
    )
