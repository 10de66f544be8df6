"""A target of dsir in a bucket counts as the same files on disk do, and its copies go."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.engine.root import Root
from jobs.sampling.target_copies import at_hand
from jobs.sampling.targets import targets
from jobs.text_files import TextFileError
from tests.s3_server import BUCKET, READER, S3Server, environment
from tests.sampling.pools import step
from udfs.models.model_file import sha256_of
from udfs.reading import http_s3
from udfs.reading.location import LocationError

FILES = {
    "a.jsonl": b'{"text": "The harbour has room for nine ships."}\n',
    "more/a.jsonl": b'{"text": "A tenth one waits outside."}\n',
    "b.txt": b"Its lamps are lit at dusk.\n",
}


@pytest.fixture
def bucket(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, body in FILES.items():
        s3.client().put_object(Bucket=BUCKET, Key=f"target/{name}", Body=body)
    for name, value in environment(READER, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    http_s3._s3_client.cache_clear()
    yield f"s3://{BUCKET}/target"
    http_s3._s3_client.cache_clear()


def test_a_target_in_a_bucket_counts_as_the_same_files_on_disk(bucket: str, tmp_path: Path) -> None:
    for name, body in FILES.items():
        (tmp_path / "disk" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "disk" / name).write_bytes(body)
    shas = sorted(sha256_of(tmp_path / "disk" / name) for name in FILES)
    found = []
    for place, named in enumerate(([str(tmp_path / "disk")], [bucket, f"{bucket}/b.txt"])):
        steps = [step("like_harbours", "dsir", {"target": named, "share": 0.1})]
        found.append(targets(Root(None, str(tmp_path / str(place))), "sampling", steps, {"like_harbours": shas}))
    assert found[0] == found[1] and sum(found[1]["like_harbours"].counts) > 20
    with at_hand([f"{bucket}/b.txt", str(tmp_path / "disk/b.txt")]) as files:
        assert [file.read_bytes() for file in files] == [FILES["b.txt"]] * 2
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("name", ["absent.jsonl", "absent"])
def test_a_target_that_is_not_in_the_bucket_is_named(bucket: str, name: str) -> None:
    with pytest.raises(LocationError, match=f"{bucket}/{name}: "), at_hand([f"{bucket}/{name}"]):
        pass
    with pytest.raises(TextFileError, match="nowhere is no file"), at_hand(["nowhere"]):
        pass
