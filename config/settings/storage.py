"""Where photos and models are kept: a folder, or a bucket of any S3-compatible store."""

from __future__ import annotations

from typing import Any

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
    }
    return {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}, "staticfiles": static}
