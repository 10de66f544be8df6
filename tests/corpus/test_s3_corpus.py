from collections.abc import Iterator

import pytest

from tests.corpus.corpus import fates, read
from tests.s3_server import BUCKET, READER, S3Server, environment
from udfs.corpus.folders import corpus_files
from udfs.reading import http_s3
from udfs.reading.location import LocationError


@pytest.fixture
def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for key in ("dump=A/p.jsonl", "dump=A/q.parquet", "dump=B/language=en/p.jsonl", "_SUCCESS", "dump=A/_x/y.jsonl", "README"):
        s3.client().put_object(Bucket=BUCKET, Key=f"corpus/{key}", Body=b'{"text": "Words."}')
    for name, value in environment(READER, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    http_s3._s3_client.cache_clear()
    yield f"s3://{BUCKET}/corpus"
    http_s3._s3_client.cache_clear()


def test_a_folder_of_a_bucket_is_listed_and_its_files_are_read(bucket: str) -> None:
    everything = (f"{bucket}/dump=A/p.jsonl", f"{bucket}/dump=A/q.parquet", f"{bucket}/dump=B/language=en/p.jsonl")
    assert corpus_files(bucket) == corpus_files(f"{bucket}/") == everything
    assert corpus_files(f"{bucket}/*/p.jsonl") == everything[:1]
    assert corpus_files(f"{bucket}/**/p.jsonl") == (everything[0], everything[2])
    assert corpus_files(everything[0]) == everything[:1]
    documents, _ = read(everything[2])
    assert (fates(documents), documents[0]["dump"]) == ([("extracted", None, "Words.")], "B")
    with pytest.raises(LocationError, match="there is no Parquet or JSONL file there"):
        corpus_files(f"{bucket}/absent")
    with pytest.raises(LocationError, match="it cannot be listed"):
        corpus_files("s3://not-a-bucket-of-ours/x")
