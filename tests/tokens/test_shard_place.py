"""Shards come whole to their root, on a disk and on S3, and an arm of a comparison reads either."""

import json
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pytest

from tests.s3_server import BUCKET, S3Server, environment
from udfs.reading import http_s3
from udfs.testbed.packed_rows import read_manifest, write_sequences
from udfs.token_files.format import FormatName, Shape
from udfs.tokens.shard_batches import Part, WriteShards

FORMATS: tuple[FormatName, ...] = ("megatron", "mds", "parquet", "nanogpt", "llmc")


def written(folder: str) -> None:
    """Write two shards of three sequences of nine tokens, each of one document and a token of padding."""
    worker = WriteShards(folder, 0, FORMATS, Shape(9, 2), 0, "f")
    for shard in range(2):
        tokens = [np.arange(10 * n, 10 * n + 8, dtype="<u2").tobytes() for n in range(3)]
        rows = [Part(shard, n, 0, n, 0, f"id-{shard}-{n}", 1, 0, 8, tokens[n])._asdict() for n in range(3)]
        [*worker([pa.RecordBatch.from_pylist(rows)])]


@pytest.fixture
def on_s3(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in environment(s3.admin, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    http_s3._s3_client.cache_clear()
    return f"s3a://{BUCKET}/packs/{uuid4().hex}"


def test_a_root_on_s3_has_the_files_of_one_on_a_disk(s3: S3Server, on_s3: str, tmp_path: Path) -> None:
    written(str(tmp_path / "packed"))
    written(f"{on_s3}/packed")
    prefix = on_s3.partition(f"{BUCKET}/")[2]
    there = s3.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    found = {
        entry["Key"].removeprefix(f"{prefix}/"): s3.client().get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
        for entry in there
    }
    mine = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == mine and len(found) == 2 * (len(FORMATS) + 3)  # Megatron's have an index; and spans, and a marker
    assert [*(tmp_path / "packed/_parts").iterdir()] == []


def test_an_arm_is_read_from_s3_as_from_a_disk(s3: S3Server, on_s3: str, tmp_path: Path) -> None:
    written(str(tmp_path / "packed"))
    written(f"{on_s3}/packed")
    markers = [json.loads(path.read_text()) for path in sorted((tmp_path / "packed/_chunks").glob("*.json"))]
    files = [{"epoch": one["epoch"], "shard": one["shard"], **file} for one in markers for file in one["files"]]
    manifest = json.dumps({"sequence_length": 9, "token_bytes": 2, "formats": ["nanogpt"], "files": files})
    (tmp_path / "packed/manifest.json").write_text(manifest)
    bucket_key = on_s3.partition("://")[2].split("/", 1)
    s3.client().put_object(Bucket=bucket_key[0], Key=f"{bucket_key[1]}/packed/manifest.json", Body=manifest.encode())
    assert read_manifest(on_s3) == read_manifest(str(tmp_path))
    for name, root in (("disk", str(tmp_path)), ("s3", on_s3)):
        write_sequences(tmp_path / name, root, str, lambda text: None)
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("disk", "s3"))
    assert one == other and len(one) == 3
