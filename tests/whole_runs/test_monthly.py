"""The monthly run: a dump is compared with those published before it, by the same command."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import STAGE
from jobs.engine.root import Root
from jobs.explain.story import explain
from jobs.recipe.recipe import Recipe
from tests.runs import changed, context, copy_facts, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
JUNE, JULY = "CC-MAIN-2026-26", "CC-MAIN-2026-30"


def monthly(sample: Path, dump: str, *, index: Path) -> Recipe:
    """Load conf/tiny.toml over one WARC as a dump that gives way to those of the index."""
    recipe = tiny([sorted((sample / "warc").glob("*.warc.gz"))[0]], dump=dump)
    columns = ["title", "group_id", "duplicate_of"]
    return changed(recipe, dedup={"scope": "global", "index": str(index)}, publish={"columns": columns})


@pytest.fixture(scope="module")
def folder(spark: "SparkSession", sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the first dump: its root is june/, the index that it is published to is index/."""
    folder = tmp_path_factory.mktemp("monthly")
    run(spark, monthly(sample, JUNE, index=folder / "index"), folder / "june")
    return folder


def test_a_dump_gives_way_to_what_is_published_until_that_is_removed(spark: "SparkSession", sample: Path, folder: Path) -> None:
    june, july = (monthly(sample, dump, index=folder / "index") for dump in (JUNE, JULY))
    published = {row["id"] for row in rows(folder / "june", "corpus")}
    run(spark, july, folder / "july")
    witnesses = {row["duplicate_of"]: row["duplicate_dump"] for row in rows(folder / "july", "decisions/dedup")}
    assert rows(folder / "july", "signals") and not rows(folder / "july", "corpus")
    assert witnesses == dict.fromkeys(published, JUNE)
    story = "\n".join(explain(context(spark, july, folder / "july"), sorted(published)[0]))
    assert "which is published in CC-MAIN-2026-26" in story

    key = context(spark, june, folder / "june").job(STAGE).key()
    assert run(spark, june, folder / "june")["dedup"]["fingerprint"] == key  # a rerun of the older dump looks at no later one
    shutil.rmtree(folder / "index" / "dump=CC-MAIN-2026-26")
    run(spark, july, folder / "july")
    assert {row["id"] for row in rows(folder / "july", "corpus")} == published


def test_duplicates_that_stay_are_published_with_their_group(
    spark: "SparkSession", sample: Path, folder: Path, tmp_path: Path
) -> None:
    recipe = monthly(sample, JUNE, index=tmp_path / "index")
    named = changed(recipe, dedup={"mode": "annotate"})
    run(spark, named, copy_facts(folder / "june", tmp_path / "root"))
    product = rows(tmp_path / "root", "corpus")
    copies = [row for row in product if row["duplicate_of"] is not None]
    assert copies and {row["group_id"] for row in copies} <= {row["id"] for row in product}
    assert all(row["duplicate_count"] > 1 for row in copies)
    index = Root(spark, str(tmp_path / "index"))
    state = (index.read_json(f"dump={JUNE}/_index.json") or {})["state"]
    survivors = index.table(f"dump={JUNE}/{state}/documents").count()
    assert survivors == len(product) - len(copies)
