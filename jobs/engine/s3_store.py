"""The small files of a root on S3, asked by boto3, whose conditional writes let one run in and keep another out."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from types_boto3_s3 import S3Client

CONNECTIONS = 32
DELETED_AT_ONCE = 1000  # the most that S3 takes in one request


class S3Store:
    """A root on S3, asked by boto3: its retries, its credentials, its conditional writes."""

    def __init__(self, path: str, **client: str) -> None:
        parts = urlsplit(path, allow_fragments=False)
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._given = client

    @cached_property
    def client(self) -> "S3Client":
        """Return the one client of this store; its methods may be called from many threads."""
        import boto3
        from botocore.config import Config

        config = Config(retries={"mode": "standard", "max_attempts": 8}, max_pool_connections=CONNECTIONS)
        client: S3Client = boto3.session.Session().client("s3", config=config, **self._given)  # type: ignore[arg-type]
        return client

    def _key(self, path: str) -> str:
        return "/".join(part for part in (self.prefix, path.strip("/")) if part)

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name; a request for every thousand."""
        prefix = f"{self._key(folder)}/".lstrip("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/")
        found = set[str]()
        for page in pages:
            found |= {entry["Key"].removeprefix(prefix) for entry in page.get("Contents", [])}
            found |= {entry["Prefix"].removeprefix(prefix).rstrip("/") for entry in page.get("CommonPrefixes", [])}
        return sorted(found - {""})

    def read(self, path: str) -> str | None:
        """Return a file's text; None if it is not there."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self._key(path))["Body"].read().decode("utf-8", "replace")
        except self.client.exceptions.NoSuchKey:
            return None

    def write(self, path: str, text: str) -> None:
        """Write a file; S3 shows it whole or not at all."""
        self.client.put_object(Bucket=self.bucket, Key=self._key(path), Body=text.encode("utf-8"))

    def create(self, path: str, text: str) -> bool:
        """Write a file on the condition that its key is free (If-None-Match)."""
        from botocore.exceptions import ClientError

        try:
            self.client.put_object(Bucket=self.bucket, Key=self._key(path), Body=text.encode("utf-8"), IfNoneMatch="*")
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in (409, 412):
                return False
            raise
        return True

    def delete(self, path: str) -> None:
        """Delete a file or all files of a folder."""
        key = self._key(path)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{key}/")
        keys = [key, *(entry["Key"] for page in pages for entry in page.get("Contents", []))]
        for at in range(0, len(keys), DELETED_AT_ONCE):
            some = [{"Key": name} for name in keys[at : at + DELETED_AT_ONCE]]
            self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": some, "Quiet": True})  # type: ignore[typeddict-item]

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        key = self._key(path)
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=2).get("Contents", [])
        return any(entry["Key"] == key or entry["Key"].startswith(f"{key}/") for entry in found) or (
            bool(found) and bool(self.names(path))
        )


def settings_of(spark: "SparkSession | None") -> dict[str, str]:
    """Return what Spark was told of S3 by fs.s3a.*: another service's endpoint, and keys. Nothing is the usual case."""
    if spark is None:
        return {}
    jsc: Any = spark.sparkContext._jsc
    conf = jsc.hadoopConfiguration()
    names = {
        "endpoint_url": "fs.s3a.endpoint",
        "aws_access_key_id": "fs.s3a.access.key",
        "aws_secret_access_key": "fs.s3a.secret.key",
    }
    found = {ours: value for ours, theirs in names.items() if (value := conf.get(theirs))}
    endpoint = found.get("endpoint_url")
    if endpoint is not None and "://" not in endpoint:
        found["endpoint_url"] = f"https://{endpoint}"
    return {name: str(value) for name, value in found.items()}
