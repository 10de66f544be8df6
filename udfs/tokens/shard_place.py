"""Puts the finished files of shards into their root: a folder on a disk that every worker sees, or keys on S3."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from udfs.reading.http_s3 import S3, s3_client
from udfs.whole_file import write_whole

PARTS = "_parts"  # on a disk: what lies here is moved to its place without a copy


@contextmanager
def scratch(folder: str, name: str) -> Iterator[Path]:
    """Give a folder for files that are not finished: below the root on its disk, or this machine's own for a root on S3."""
    place = None if folder.startswith(S3) else Path(folder) / PARTS
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=f"{name}-") as found:
        yield Path(found)


def put(folder: str, name: str, file: Path) -> None:
    """Bring a finished file to its name below `folder`; nobody sees a half of it, and one that is there is replaced."""
    if folder.startswith(S3):
        bucket, key = _key(folder, name)
        s3_client().upload_file(str(file), bucket, key)
        file.unlink()
        return
    target = Path(folder) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)


def put_text(folder: str, name: str, text: str) -> None:
    """Write a small file whole to its name below `folder`."""
    if folder.startswith(S3):
        bucket, key = _key(folder, name)
        s3_client().put_object(Bucket=bucket, Key=key, Body=text.encode("utf-8"))
        return
    target = Path(folder) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text)


def _key(folder: str, name: str) -> tuple[str, str]:
    """Return bucket and key.

    >>> _key("s3a://bucket/root/packed", "epoch-0/spans/shard-00000.parquet")
    ('bucket', 'root/packed/epoch-0/spans/shard-00000.parquet')
    """
    parts = urlsplit(folder, allow_fragments=False)
    return parts.netloc, f"{parts.path.strip('/')}/{name}"
