"""Training of a tokenizer: the vocabulary does not show how a corpus is cut into files, and a report says how it does."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.engine.errors import RefusedError
from jobs.tokenizer.settings import TokenizerSettings, TokenizerTrainError
from jobs.tokenizer.shares import Shares
from jobs.tokenizer.train import train
from tests.tokenizer.corpus import SETTINGS, cut, texts

pytestmark = pytest.mark.spark


def test_a_corpus_of_one_three_and_eight_parts_makes_the_same_vocabulary(spark: SparkSession, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    found = [
        train(spark, str(tmp_path / f"{parts}/t.json"), corpus=[cut(tmp_path / f"corpus-{parts}", parts)], settings=SETTINGS)
        for parts in (1, 3, 8)
    ]
    assert len({one.sha256 for one in found}) == 1 and found[0].texts + found[0].fertility[-1].texts == len(texts())
    file = json.loads((tmp_path / "1/t.json").read_text("utf-8"))
    assert 300 < len(file["model"]["vocab"]) == found[0].vocabulary <= 400 and file["model"]["vocab"]["<|endoftext|>"] == 0
    report = json.loads((tmp_path / "1/t.report.json").read_text("utf-8"))
    assert [one["language"] for one in report["fertility"]] == ["de", "en", "all"]
    assert all(1 <= one["tokens_a_word"] < one["gpt2_tokens_a_word"] for one in report["fertility"] if one["language"] == "de")


def test_what_cannot_be_trained_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text('{"text": " "}\n')
    (tmp_path / "some.jsonl").write_text('{"text": "a b c"}\n')
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    pq.write_table(pa.table({"body": ["a b c"]}), tmp_path / "other.parquet")
    for corpus, out, settings, shares, said in (
        ("empty.jsonl", "t.json", SETTINGS, None, "has no text to learn from"),
        ("absent.jsonl", "t.json", SETTINGS, None, "it does not exist"),
        ("broken.parquet", "t.json", SETTINGS, None, r"No file could be read, such as .*broken\.parquet"),
        ("other.parquet", "t.json", SETTINGS, None, r"other\.parquet has no column 'text'.* Its columns are body"),
        ("some.jsonl", "t.model", SETTINGS, None, "ends in .json"),
        ("some.jsonl", "t.json", TokenizerSettings(vocabulary=256), None, "alone are 257 tokens"),
        ("some.jsonl", "t.json", TokenizerSettings(holdout=1), None, "is no share from 0 to below 1"),
        ("some.jsonl", "t.json", SETTINGS, Shares("language", {"de": 1.0}), "none of the shares that were asked for"),
    ):
        with pytest.raises(RefusedError, match=said):
            train(spark, str(tmp_path / out), corpus=[str(tmp_path / corpus)], settings=settings, shares=shares)
    assert not (tmp_path / "t.json").exists() and issubclass(TokenizerTrainError, RefusedError)


def test_a_file_that_cannot_be_read_is_left_out_and_told(spark: SparkSession, tmp_path: Path) -> None:
    corpus = Path(cut(tmp_path / "corpus", 2))
    whole = train(spark, str(tmp_path / "whole.json"), corpus=[str(corpus)], settings=SETTINGS)
    (corpus / "broken.parquet").write_bytes(b"PAR1 and no more")
    (corpus / "half.jsonl.gz").write_bytes(b"\x1f\x8b and no more")
    found = train(spark, str(tmp_path / "found.json"), corpus=[str(corpus)], settings=SETTINGS)
    assert found.sha256 == whole.sha256
    assert len(found.failed) == 2 and "broken.parquet" in found.failed[0] and "half.jsonl.gz" in found.failed[1]
    assert json.loads((tmp_path / "found.report.json").read_text("utf-8"))["failed"] == list(found.failed)
