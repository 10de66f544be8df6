"""What pack does of its own with a root on S3, without Spark: it is let in, and finished shards are found there by their markers."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.store import store_of
from jobs.pack.settings import Pack
from jobs.pack.shards import folder_of, markers_of
from jobs.pack.vocabulary import check
from tests.s3_server import BUCKET, S3Server, environment
from udfs.reading import http_s3
from udfs.token_files.format import Shape
from udfs.tokens.shard_batches import Part, WriteShards


def job(path: str, store: Any = None) -> Any:
    """Return as much of a job as is asked of it."""
    return SimpleNamespace(root=SimpleNamespace(path=path, store=store), settings=Pack(), models={})


def test_a_root_on_s3_is_let_in_and_one_on_another_store_is_refused() -> None:
    check(job("s3a://bucket/run"))
    with pytest.raises(RecipeError, match="gs://bucket/run is on neither; nothing was run"):
        check(job("gs://bucket/run"))


def test_shards_that_workers_have_put_on_s3_are_found_by_the_driver(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(s3.admin, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    http_s3._s3_client.cache_clear()
    path = f"s3a://{BUCKET}/packs/{uuid4().hex}"
    mine = job(path, store_of(path))
    assert folder_of(mine) == f"{path}/packed" and markers_of(mine, "key") == []
    for shard, key in ((0, "key"), (1, "key"), (2, "another")):
        part = Part(shard, 0, 0, 0, 0, "id", 1, 0, 8, bytes(16))
        [*WriteShards(folder_of(mine), 0, ("nanogpt",), Shape(9, 2), 0, key)([pa.RecordBatch.from_pylist([part._asdict()])])]
    found = markers_of(mine, "key")
    assert [(one["shard"], one["sequences"], one["tokens"]) for one in found] == [(0, 1, 8), (1, 1, 8)]
    assert {file["name"] for one in found for file in one["files"]} == {
        f"epoch-0/{name}" for name in ("spans/shard-00000.parquet", "nanogpt/shard-00000.bin", "spans/shard-00001.parquet", "nanogpt/shard-00001.bin")
    }  # fmt: skip
