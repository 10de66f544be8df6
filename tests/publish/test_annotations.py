"""Annotations: a row for every capture with what became of it, joined to an index in Common Crawl's schema, in Spark and DuckDB."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.dataset as ds
import pytest
from pyspark.sql import functions as F

from jobs.publish.annotations import crawl_of, name_of
from jobs.recipe.recipe import Recipe
from tests.crawl.cc_index import index_rows, write_index
from tests.runs import Finished, changed, markers, rows, run, tiny
from udfs.page.surt_key import surt_key

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
WRITTEN = {"annotations": True, "columns": ["title", "domain", "word_count"]}
JOIN = """
    SELECT i.url, a.gristmill_outcome AS outcome, a.gristmill_reason AS reason, a.gristmill_word_count AS word_count
    FROM captures AS i LEFT JOIN annotations AS a
    ON i.url_surtkey = a.url_surtkey AND i.crawl = a.crawl AND i.fetch_time = a.fetch_time
       AND i.warc_filename = a.warc_filename AND i.warc_record_offset = a.warc_record_offset
       AND i.warc_record_length = a.warc_record_length
"""
Fate = tuple[str, str | None, str | None]


def test_annotations_tell_of_every_capture_and_join_the_index(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    plain, root = tiny(list(finished.inputs)), finished.copy(tmp_path / "root")
    recipe = changed(plain, publish={"annotations": True})
    before = corpus(root)
    run(spark, recipe, root)
    assert corpus(root) == before  # the product is as it was, to the minute
    found = annotations(root)
    assert {row["gristmill_id"]: fate(row) for row in found} == fates(root)
    assert Counter(row["gristmill_outcome"] for row in found).keys() >= {"kept", "dropped"}
    assert all(row["gristmill_token_count"] is not None for row in found if row["gristmill_outcome"] == "kept")

    lost = sorted((root / "annotations/_chunks").glob("*.json"))[-1]  # as after a kill in the middle of this chunk
    lost.unlink()
    (root / "corpus/_stage.json").unlink()
    written = markers(root)
    run(spark, recipe, root)
    assert {name for name, at in markers(root).items() if written.get(name) != at} == {str(lost.relative_to(root))}
    assert sorted(annotations(root), key=str) == sorted(found, key=str)

    written = markers(root)
    recipe = changed(
        plain,
        filter=[{"reason": "short", "keep": "word_count >= 60"}],
        publish=WRITTEN | {"columns": [*plain_columns(plain), "word_count"]},
    )
    run(spark, recipe, root)
    redone = {name for name, at in markers(root).items() if written.get(name) != at}
    assert {name.split("/")[0] for name in redone} >= {"annotations", "corpus"}
    assert {row["gristmill_id"]: fate(row) for row in annotations(root)} == fates(root)
    joined(spark, root, whole_files(finished), crawl=plain.run.dump, folder=tmp_path / "index")

    nothing = {"reason": "nothing", "keep": "word_count < 0"}  # so that little is written
    run(spark, changed(recipe, filter=[nothing], publish={"annotations": False}), root)
    assert not (root / "annotations").exists()  # what would no longer be true is not left behind


def joined(spark: "SparkSession", root: Path, inputs: tuple[Path, ...], *, crawl: str, folder: Path) -> None:
    """Join the annotations to an index of the same files in both engines, and compare with the documents."""
    captures = [row for path in inputs for row in index_rows(path, name=str(path))]
    keyed = [row | {"url_surtkey": surt_key(row["url"])} for row in captures]
    index = write_index(folder, keyed, crawl=crawl)
    mine = [row for row in annotations(root) if row["warc_filename"] in {str(path) for path in inputs}]
    expected = Counter((row["gristmill_outcome"], row["gristmill_reason"]) for row in mine)
    spark.read.option("basePath", str(folder)).parquet(str(index)).createOrReplaceTempView("captures")
    spark.read.parquet(str(root / "annotations")).createOrReplaceTempView("annotations")
    by_spark = sorted(tuple(row) for row in spark.sql(JOIN).fillna("", ["url", "outcome", "reason"]).fillna(-1).collect())
    with duckdb.connect() as duck:
        duck.sql(f"CREATE VIEW captures AS FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
        duck.sql(f"CREATE VIEW annotations AS FROM read_parquet('{root}/annotations/*/*/*.parquet', hive_partitioning = true)")
        by_duck = sorted((u, o or "", r or "", -1 if w is None else w) for u, o, r, w in duck.sql(JOIN).fetchall())
    assert by_spark == by_duck and len(by_spark) == len(captures)
    assert Counter((o, r or None) for _, o, r, _ in by_spark if o) == expected
    assert all(words >= 0 for _, outcome, _, words in by_spark if outcome == "kept")


def test_files_of_common_crawl_are_named_as_the_index_names_them(spark: "SparkSession") -> None:
    name = "crawl-data/CC-MAIN-2026-43/segments/1/warc/CC-MAIN-1.warc.gz"
    files = [f"s3://commoncrawl/{name}", f"/data/{name}", name, "/data/own.warc.gz"]
    got = spark.createDataFrame([(file,) for file in files], "file string").select(
        name_of(F.col("file")), crawl_of(F.col("file"), otherwise=F.lit("OWN"))
    )
    crawl = "CC-MAIN-2026-43"
    assert [tuple(row) for row in got.collect()] == [(name, crawl), (name, crawl), (name, crawl), ("/data/own.warc.gz", "OWN")]


def whole_files(finished: Finished) -> tuple[Path, ...]:
    """Return the files of the sample that the index's own reader can read to their end."""
    return tuple(path for path in finished.inputs if path.name != "sample-00001.warc.gz")


def plain_columns(recipe: Recipe) -> list[str]:
    return list(recipe.sections["publish"].columns)


def annotations(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ds.dataset(root / "annotations", format="parquet", partitioning="hive").to_table().to_pylist()
    return found


def fate(row: dict[str, Any]) -> Fate:
    return row["gristmill_outcome"], row["gristmill_stage"], row["gristmill_reason"]


def corpus(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in (root / "corpus").rglob("*.parquet")}


def fates(root: Path) -> dict[str, Fate]:
    """Tell from the tables themselves where each document left."""
    found: dict[str, Fate] = {}
    for row in rows(root, "documents"):
        found[row["id"]] = ("kept", None, None) if row["outcome"] == "extracted" else (row["outcome"], "extract", row["reason"])
    for row in rows(root, "signals"):
        if row["error"] is not None:
            found[row["id"]] = ("failed", "annotate", "annotate_error")
    for stage in ("filter", "dedup"):
        for row in rows(root, f"decisions/{stage}"):
            if row["outcome"] != "kept":
                found[row["id"]] = (row["outcome"], stage, row["reason"])
    return found
