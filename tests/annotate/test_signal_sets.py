"""Sets of signals in a root: a recipe that gains one measures that one alone, and what a recipe no longer asks for no longer counts."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.models import fetch
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.signal_sets import signals
from tests.dedup.small_root import Doc, write_root
from tests.dedup.small_run import context, finish_before, recipe
from tests.runs import MODELS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
DOCS = [
    Doc("<a>", "The mill stands at the river.\nWrite to miller@mill.example.com for the opening hours of the mill.", "a"),
    Doc("<b>", "Please enable javascript to see it.\nThe wheel of the mill turns all year, and the stones grind corn.", "b"),
    Doc("<c>", "?!", "c"),
]
FIRST: dict[str, Any] = {}
GAINED: dict[str, Any] = {"minhash": {"ngram": 2}}


def given(spark: "SparkSession", folder: Path, annotate: dict[str, Any]) -> Context:
    """Make what a run is given, as a new process would."""
    language = fetch("lid.176.ftz", folder=MODELS)
    return context(Root(spark, str(folder)), recipe(annotate=annotate), language=language)


def measure(context: Context, **options: Any) -> dict[str, Any]:
    """Run annotate as a run with --only would, and return its marker."""
    return run_stages(context, only="annotate", **options)["annotate"]


def extracted(spark: "SparkSession", folder: Path) -> Path:
    """Write a root of which extract alone is finished."""
    write_root(folder, DOCS, num_perm=2)
    for name in ("signals", "decisions"):
        shutil.rmtree(folder / name)
    finish_before(given(spark, folder, FIRST), "annotate", ids=[doc.id for doc in DOCS])
    return folder


@pytest.fixture(scope="module")
def measured(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measure all that a recipe without signatures asks for."""
    folder = extracted(spark, tmp_path_factory.mktemp("sets") / "root")
    measure(given(spark, folder, FIRST))
    return folder


def files(root: Path) -> dict[str, int]:
    """Say when each table of signals was written, by its pass."""
    found = sorted(root.glob("signals/*/chunk=*/*.parquet"))
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in found}


def rows(context: Context) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in signals(context.root).orderBy("id").collect()]


def test_a_set_that_a_recipe_gains_is_measured_alone_and_read_together_with_the_others(
    spark: "SparkSession", measured: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(measured, tmp_path / "root")
    before = files(root)
    assert len({name.split("/")[1] for name in before}) == 1
    marker = measure(given(spark, root, GAINED))
    after = files(root)
    assert {name: at for name, at in after.items() if name in before} == before
    (added,) = {name.split("/")[1] for name in after} - {name.split("/")[1] for name in before}
    tables = [pq.ParquetFile(path) for path in (root / "signals" / added).glob("chunk=*/*.parquet")]
    assert {tuple(table.schema_arrow.names) for table in tables} == {("id", "minhash", "shingle_count", "error")}
    assert sorted(marker["sets"]) == ["language", "minhash", "pii", "statistics", "tokens"]
    at_once = given(spark, extracted(spark, tmp_path / "at once"), GAINED)
    measure(at_once)
    together = rows(given(spark, root, GAINED))
    assert together == rows(at_once)
    assert [row["minhash"] is None for row in together] == [False, False, True]
    assert [row["language"] for row in together][:2] == ["en", "en"]
    measure(given(spark, root, GAINED))
    assert files(root) == after


def test_a_set_that_a_recipe_loses_no_longer_counts_and_costs_nothing_when_it_is_asked_for_again(
    spark: "SparkSession", measured: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(measured, tmp_path / "root")
    before, whole = files(root), rows(given(spark, root, FIRST))
    assert [[edit["kind"] for edit in row["edits"]] for row in whole] == [["email"], ["c4_lines"], ["c4_lines"]]
    measure(given(spark, root, {"pii": False}))
    without = rows(given(spark, root, {"pii": False}))
    assert [[edit["kind"] for edit in row["edits"]] for row in without] == [[], ["c4_lines"], ["c4_lines"]]
    gone = {"email_count": None, "public_ip_count": None}
    assert without == [row | gone | {"edits": [e for e in row["edits"] if e["kind"] != "email"]} for row in whole]
    measure(given(spark, root, FIRST))
    assert rows(given(spark, root, FIRST)) == whole
    assert files(root) == before


def test_a_set_that_was_measured_otherwise_is_refused_until_a_user_says_again_or_accepts_it(
    spark: "SparkSession", measured: Path, tmp_path: Path
) -> None:
    root, other = shutil.copytree(measured, tmp_path / "root"), {"line_edits": "none"}
    before, whole = files(root), rows(given(spark, root, FIRST))
    with pytest.raises(
        RecipeError, match=r"whose annotate was done otherwise; changed since: \[annotate\] line_edits: 'c4' -> 'none'"
    ):
        measure(given(spark, root, other))
    assert files(root) == before
    measure(given(spark, root, other), accepted="annotate")
    measure(given(spark, root, other))  # said once and for all
    assert files(root) == before and rows(given(spark, root, other)) == whole
    with pytest.raises(RecipeError, match=r"--accept annotate: .* nothing to accept"):
        measure(given(spark, root, other), accepted="annotate")
    taken = Root(spark, str(root)).read_json("accepted.json") or {}
    assert [entry["stage"] for entry in taken["log"]] == ["annotate"]


def test_a_set_that_was_measured_otherwise_is_measured_again_if_a_user_says_so(
    spark: "SparkSession", measured: Path, tmp_path: Path
) -> None:
    root, other = shutil.copytree(measured, tmp_path / "root"), {"line_edits": "none"}
    measure(replace(given(spark, root, other), start="annotate"))
    assert [[edit["kind"] for edit in row["edits"]] for row in rows(given(spark, root, other))] == [["email"], [], []]
