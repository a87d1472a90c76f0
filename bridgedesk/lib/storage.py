"""Where attachments lie: a folder, or a bucket of S3 or of anything that speaks like it (MinIO, R2, B2, Ceph)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ONE_REQUEST = 100 * 1024 * 1024


def settings(env: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Django's entry for attachments. BRIDGEDESK_S3_BUCKET turns S3 on; the other variables stand in docs/deploy.md."""
    if bucket := env.get("BRIDGEDESK_S3_BUCKET"):
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _bucket(bucket, env)}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder, "file_permissions_mode": 0o600}}


def _bucket(name: str, env: Mapping[str, str]) -> dict[str, Any]:
    """Every file in one request. No ACL: buckets are private by default, and new ones at AWS refuse any. boto3 finds the keys itself."""
    from boto3.s3.transfer import TransferConfig  # comes with the extra "s3"

    return {
        "bucket_name": name,
        "default_acl": None,
        "endpoint_url": env.get("AWS_S3_ENDPOINT_URL") or None,
        "region_name": env.get("AWS_S3_REGION_NAME") or env.get("AWS_REGION") or None,
        "client_config": _client(env.get("AWS_S3_ADDRESSING_STYLE") or "auto"),
        "transfer_config": TransferConfig(multipart_threshold=_ONE_REQUEST, use_threads=False),
    }


def _client(addressing: str) -> Any:
    from botocore.config import Config

    return Config(
        s3={"addressing_style": addressing},
        signature_version="s3v4",
        request_checksum_calculation="when_required",  # servers other than AWS refuse boto3's newer checksums
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=30,
        retries={"max_attempts": 3, "mode": "standard"},
    )
