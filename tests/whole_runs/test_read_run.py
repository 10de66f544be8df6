"""A corpus as the source: the same texts get the same decisions as from WARCs, and the corpus of a finished run is one to start from."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.recipe.load import load_recipe
from tests.runs import PROJECT, Finished, changed, copy_facts, rows, run, tiny
from tests.s3_server import BUCKET, READER, S3Server, environment
from tests.whole_runs.corpora import extracted, reading, write_dclm, write_dolma, write_fineweb, write_jsonl
from udfs.reading import http_s3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

DECIDED = {
    "decisions/filter": ("outcome", "reason", "broken"),
    "decisions/dedup": ("outcome", "reason", "duplicate_of", "similarity"),
    "corpus": ("text", "url", "date", "domain", "language", "dump"),
}


def decided(root: Path) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return what filter, dedup and publish made of each document, and all that was measured of it."""
    found = {
        table: {row["id"]: tuple(row[name] for name in names) for row in rows(root, table)} for table, names in DECIDED.items()
    }
    return found | {"signals": {row["id"]: tuple(row.items()) for row in rows(root, "signals")}}


@pytest.fixture
def bucket(spark: "SparkSession", s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let driver and workers read a bucket."""
    for name, value in environment(READER, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
        monkeypatch.setitem(spark.sparkContext.environment, name, value)
    http_s3._s3_client.cache_clear()
    yield f"s3://{BUCKET}/read"
    http_s3._s3_client.cache_clear()


def test_the_same_texts_in_three_published_layouts_get_the_same_decisions(
    spark: "SparkSession", finished: Finished, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    documents = extracted(finished.root)
    dclm = write_dclm(documents[1::3], tmp_path / "shard_00000000_processed.jsonl.zst")
    s3.client().put_object(Bucket=BUCKET, Key=f"read/{dclm.name}", Body=dclm.read_bytes())
    corpus = (
        write_fineweb(documents[0::3], tmp_path / "000_00000.parquet"),
        f"{bucket}/{dclm.name}",
        write_dolma(documents[2::3], tmp_path / "cc_en_head-0000.json.gz"),
    )
    stages = run(spark, reading(tiny([]), corpus), tmp_path / "root")
    assert {key: stages["read"]["ledger"][key] for key in ("in", "kept", "dropped", "failed")} == {
        "in": len(documents),
        "kept": len(documents),
        "dropped": {},
        "failed": {},
    }
    assert decided(tmp_path / "root") == decided(finished.root)
    assert {reason for _, reason, *_ in decided(finished.root)["decisions/dedup"].values()} >= {"near_duplicate", "exact_text"}


@pytest.mark.real
def test_real_texts_read_from_a_corpus_get_the_same_decisions_by_finewebs_rules(
    spark: "SparkSession", shared_data: Path, tmp_path: Path
) -> None:
    warc = shared_data / "real/cc-sample/cc-sample-00001.warc.gz"
    fineweb = changed(
        load_recipe(PROJECT / "conf/fineweb.toml"),
        run={"input": [str(warc)], "split_mb": 16},
        extract={"extractor": "resiliparse"},
    )
    run(spark, fineweb, tmp_path / "warc")
    documents = extracted(tmp_path / "warc")
    corpus = (
        write_fineweb(documents[0::3], tmp_path / "000_00000.parquet"),
        write_dclm(documents[1::3], tmp_path / "shard_00000000_processed.jsonl.zst"),
        write_dolma(documents[2::3], tmp_path / "cc_en_head-0000.json.gz"),
    )
    run(spark, reading(fineweb, corpus), tmp_path / "corpus")
    assert len(documents) > 300
    assert decided(tmp_path / "corpus") == decided(tmp_path / "warc")


def test_the_root_of_a_finished_run_is_a_corpus_and_a_second_dedup_drops_nothing(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    recipe = changed(
        load_recipe(PROJECT / "conf/dedup-corpus.toml", overrides={"input": [str(finished.root)]}),
        read={"carry": ["token_count", "chunk"]},
        publish={"columns": ["carried"]},
    )
    stages = run(spark, recipe, tmp_path)
    before = rows(finished.root, "corpus")
    assert {row["language"] for row in before} > {"en", "de"}
    facts = [(row["id"], row["dump"], row["page_language"], row["text"], row["outcome"]) for row in rows(tmp_path, "documents")]
    assert facts == [(row["id"], "TINY", row["language"], row["text"], "extracted") for row in before]
    assert stages["dedup"]["ledger"]["dropped"] == {}
    same = ("id", "text", "url", "date", "dump", "language")
    after = rows(tmp_path, "corpus")
    assert [{name: row[name] for name in same} for row in after] == [{name: row[name] for name in same} for row in before]
    chunks = {row["id"]: row["chunk"] for row in rows(finished.root, "corpus", without=())}
    assert {row["id"]: dict(row["carried"]) for row in after} == {
        row["id"]: {"token_count": str(row["token_count"]), "chunk": f"{chunks[row['id']]:05d}"} for row in before
    }


@pytest.mark.parametrize("published", ["nothing", "a part"])
def test_the_root_of_a_run_that_has_not_published_is_refused(
    spark: "SparkSession", finished: Finished, tmp_path: Path, published: str
) -> None:
    root = copy_facts(finished.root, tmp_path / "root") if published == "nothing" else finished.copy(tmp_path / "root")
    (root / "corpus/_stage.json").unlink(missing_ok=True)
    with pytest.raises(
        RecipeError, match=r"is the root of a run that has not published its corpus, so nothing was run\. Finish"
    ):
        run(spark, reading(tiny([]), [root]), tmp_path / "new")
    assert not (tmp_path / "new/plan").exists()


def test_a_corpus_cut_into_many_ranges_gives_the_rows_of_whole_files(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    documents = extracted(finished.root)
    lines = write_jsonl(({"text": row["text"], "url": row["url"]} for row in documents), tmp_path / "a.jsonl")  # ids by place
    corpus = [write_fineweb(documents, tmp_path / "b.parquet", row_group_size=11), lines]
    for name, split_mb in (("whole", 0.0), ("cut", 0.01)):
        run(spark, reading(tiny([]), corpus, split_mb=split_mb), tmp_path / name, only="read")
    assert rows(tmp_path / "cut", "documents") == rows(tmp_path / "whole", "documents")
    assert len(rows(tmp_path / "cut", "documents")) == 2 * len(documents)
    cut = (tmp_path / "cut/plan/00000.json").read_text("utf-8")
    assert cut.count("a.jsonl") > 10 and cut.count("b.parquet") > 10
