"""The small files of a root, on whatever store it lies: markers, plans, reports. Tables are Spark's.

A local root is read by Python itself, so that commands which look at small files start no JVM. A root on S3 is asked by boto3, whose
conditional writes let one run in and keep another out; any other store is asked through Hadoop's file systems.
"""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from types_boto3_s3 import S3Client

S3 = ("s3://", "s3a://", "s3n://")
AT_ONCE = 32  # requests that a listing's files are read by
DELETED_AT_ONCE = 1000  # the most that S3 takes in one request


class Store(Protocol):
    """What the engine asks of a store; every path is relative to the root, and each method is one request unless it says more."""

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name, sorted; an absent folder has none."""

    def read(self, path: str) -> str | None:
        """Return a small file's text; None if it is not there."""

    def write(self, path: str, text: str) -> None:
        """Write a small file whole."""

    def create(self, path: str, text: str) -> bool:
        """Write a small file that must not be there yet; return False, and write nothing, if it is."""

    def delete(self, path: str) -> None:
        """Delete a file or a whole folder, if it is there; a request for every thousand files on S3."""

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""


def store_of(path: str, spark: "SparkSession | None" = None) -> Store:
    """Return the store of a root. Only a path that is neither local nor on S3 needs Spark, for Hadoop's connectors."""
    if path.startswith(S3):
        return S3Store(path, **_hadoop_s3(spark))
    if "://" not in path or path.startswith("file://"):
        return LocalStore(path)
    if spark is None:
        raise ValueError(f"{path}: without Spark only local and S3 roots can be read")
    return HadoopStore(path, spark)


def read_all(store: Store, paths: list[str]) -> dict[str, str | None]:
    """Read many small files, AT_ONCE at a time."""
    if not paths:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(paths))) as pool:
        return dict(zip(paths, pool.map(store.read, paths), strict=True))


class LocalStore:
    """A root on this machine's disk, or on one that is mounted."""

    def __init__(self, path: str) -> None:
        self.folder = Path(re.sub("^file:(//)?", "", path))  # Hadoop writes file:/tmp, others file:///tmp

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name."""
        place = self.folder / folder
        try:
            return sorted(entry.name for entry in os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, path: str) -> str | None:
        """Return a file's text; None if it is not there."""
        try:
            return (self.folder / path).read_text("utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, path: str, text: str) -> None:
        """Write a file beside its place and move it there, so that nobody reads half of it."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
        part.write_text(text, "utf-8")
        part.replace(target)

    def create(self, path: str, text: str) -> bool:
        """Write a file whole under another name, and link it to its own, which fails if that is taken."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
        part.write_text(text, "utf-8")
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def delete(self, path: str) -> None:
        """Delete a file or folder."""
        target = self.folder / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        return (self.folder / path).exists()


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

        config = Config(retries={"mode": "standard", "max_attempts": 8}, max_pool_connections=AT_ONCE)
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


class HadoopStore:
    """A root on any other store that this Spark has a connector for: HDFS, Google's, Azure's."""

    def __init__(self, path: str, spark: "SparkSession") -> None:
        self.path = path.rstrip("/")
        self._jvm: Any = spark.sparkContext._jvm
        jsc: Any = spark.sparkContext._jsc
        self._conf = jsc.hadoopConfiguration()

    def _file(self, path: str) -> tuple[Any, Any]:
        place = self._jvm.org.apache.hadoop.fs.Path(f"{self.path}/{path}" if path else self.path)
        return place.getFileSystem(self._conf), place

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name."""
        system, place = self._file(folder)
        try:
            paths = [status.getPath() for status in system.listStatus(place)]
        except Exception as error:
            if _is_absent(error):
                return []
            raise
        if len(paths) == 1 and paths[0].equals(system.makeQualified(place)):
            return []  # Hadoop lists a file as its own one entry
        return sorted(str(path.getName()) for path in paths)

    def read(self, path: str) -> str | None:
        """Return a file's text; None if it is not there."""
        system, place = self._file(path)
        try:
            stream = system.open(place)
        except Exception as error:
            if _is_absent(error):
                return None
            raise
        try:
            return str(self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        finally:
            stream.close()

    def write(self, path: str, text: str) -> None:
        """Write a file whole."""
        self._write(path, text, overwrite=True)

    def create(self, path: str, text: str) -> bool:
        """Write a file that is not there yet: atomic on HDFS, and on Google's store by a generation of 0."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

        try:
            self._write(path, text, overwrite=False)
        except Py4JJavaError as error:
            if "AlreadyExists" in error.java_exception.getClass().getName():
                return False
            raise
        return True

    def _write(self, path: str, text: str, *, overwrite: bool) -> None:
        system, place = self._file(path)
        stream = system.create(place, overwrite)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()

    def delete(self, path: str) -> None:
        """Delete a file or folder."""
        system, place = self._file(path)
        system.delete(place, True)

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        system, place = self._file(path)
        return bool(system.exists(place))


def _is_absent(error: Exception) -> bool:
    thrown = getattr(error, "java_exception", None)
    return thrown is not None and thrown.getClass().getName() in (
        "java.io.FileNotFoundException",
        "java.nio.file.NoSuchFileException",
    )


def _hadoop_s3(spark: "SparkSession | None") -> dict[str, str]:
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
