"""Whole runs over the self-made sample: ledgers, determinism, resume, cheap thresholds, and what is refused (laws 1, 2, 3, 6, 8)."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from jobs.dedup.compare import candidate_texts
from jobs.dedup.tables import DECISIONS
from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from jobs.filter.settings import Rule
from jobs.publish import STAGE as PUBLISH
from jobs.publish.stage import product
from jobs.recipe.recipe import Recipe
from tests.planning import planned
from tests.runs import Finished, changed, context, copy_facts, digest, markers, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture
def inputs(finished: Finished) -> list[Path]:
    return list(finished.inputs)


def test_every_capture_is_accounted_for_and_every_byte(finished: Finished, sample: Path) -> None:
    root, stages = finished.root, finished.markers
    truth = [json.loads(line) for line in (sample / "truth.jsonl").read_text("utf-8").split("\n") if line]
    readable = sum(row["expected"] != "unreadable" and row["kind"] != "revisit" for row in truth)
    assert stages["extract"]["ledger"]["in"] == readable
    for before, after in (("extract", "annotate"), ("annotate", "filter"), ("filter", "dedup"), ("dedup", "publish")):
        assert stages[after]["ledger"]["in"] == stages[before]["ledger"]["kept"] > 0
    files = stages["extract"]["files"]
    assert files["bytes_records"] + files["bytes_skipped"] == sum(p.stat().st_size for p in (sample / "warc").glob("*.gz"))
    assert files["bytes_skipped"] > 0, "the sample has a corrupt record, whose bytes are listed and not forgotten"
    assert len(rows(root, "corpus")) == stages["publish"]["ledger"]["kept"]


def test_the_product_begins_with_finewebs_columns_and_holds_no_mark_of_a_stage(
    spark: "SparkSession", finished: Finished
) -> None:
    place = Root(spark, str(finished.root))
    table = place.product("corpus")
    assert table is not None
    assert table.columns[:7] == ["text", "id", "url", "date", "file_path", "language_score", "token_count"]
    assert table.columns[-3:] == ["dump", "language", "chunk"]  # partitions, which FineWeb's readers find as columns too
    assert {path.name.split("=")[0] for path in finished.root.glob("corpus/dump=*/*")} == {"language"}


@pytest.mark.parametrize(("split_mb", "chunk_files", "partitions", "adaptive"), [(0.0, 100, 1, False), (0.05, 100, 8, True)])
def test_the_rows_do_not_depend_on_how_the_work_is_cut(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path,
    split_mb: float, chunk_files: int, partitions: int, adaptive: bool,
) -> None:  # fmt: skip
    with planned(spark, partitions=partitions, adaptive=adaptive):
        run(spark, tiny(inputs, split_mb=split_mb, chunk_files=chunk_files), tmp_path)
    assert digest(tmp_path) == digest(finished.root)


def test_a_finished_run_is_left_alone_and_a_changed_rule_runs_no_python_worker(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = finished.copy(tmp_path / "run")
    before = markers(root)
    again = run(spark, tiny(inputs), root)
    assert again == finished.markers
    stricter = with_rule(tiny(inputs))
    monkeypatch.setattr("udfs.signals.annotator.Annotator.__call__", None)  # a worker that is asked to measure would fail
    changed = run(spark, stricter, root)
    cheap = {name for name, at in markers(root).items() if before[name] == at}
    assert cheap == {name for name in before if not name.startswith("corpus/")}
    assert changed["filter"]["ledger"]["dropped"]["not_long"] > 0
    assert changed["publish"]["ledger"]["kept"] < finished.markers["publish"]["ledger"]["kept"]


def with_rule(recipe: Recipe) -> Recipe:
    """Add a rule that drops some pages more."""
    rules = (*recipe.sections["filter"], Rule(reason="not_long", keep="word_count >= 200", source="test"))
    return changed(recipe, filter=rules)


def test_a_chunk_that_was_not_marked_is_done_again_and_no_other(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    root = finished.copy(tmp_path / "run")
    before = markers(root)
    for lost in ("documents/_chunks/00001.json", "documents/_stage.json", "signals/_chunks/00001.json"):
        (root / lost).unlink()
    (root / "signals/_stage.json").write_text('{"fingerprint": ')  # cut off by the kill
    for part in (root / "documents/chunk=00001/kind=document").glob("*.parquet"):
        part.write_bytes(part.read_bytes()[:100])  # half written
    run(spark, tiny(inputs), root)
    redone = {name for name, at in markers(root).items() if before[name] != at}
    assert {name for name in redone if not name.startswith("corpus/")} == {
        "documents/_chunks/00001.json",
        "signals/_chunks/00001.json",
    }
    assert digest(root) == digest(finished.root)


def test_a_file_that_cannot_be_read_is_named_and_read_when_it_heals(
    spark: "SparkSession", inputs: list[Path], tmp_path: Path, finished: Finished
) -> None:
    held = tmp_path / "held.warc.gz"
    held.write_bytes(b"this is no WARC at all\n" * 50)
    copies = [tmp_path / path.name for path in inputs[:2]]
    for source, copy in zip(inputs, copies, strict=False):
        shutil.copy(source, copy)
    recipe = tiny([*copies, held])
    root = tmp_path / "run"
    stages = run(spark, recipe, root)
    assert documents.still_failed(Root(spark, str(root))) == [("00002", str(held))]
    assert stages["extract"]["files"]["failed"] == [str(held)]
    shutil.copy(inputs[2], held)
    before = markers(root)
    run(spark, recipe, root)
    assert documents.still_failed(Root(spark, str(root))) == []
    new = [name for name, at in markers(root).items() if name.startswith("documents/") and before.get(name) != at]
    tries = {row["file_path"]: row["attempts"] for row in documents.files(Root(spark, str(root))).orderBy("attempts").collect()}
    assert tries == {str(copies[0]): 1, str(copies[1]): 1, str(held): 2}
    assert new == ["documents/_chunks/00002.json"]  # the chunk had no other file, so it is read again in place
    strip = ("chunk", "file_path")
    assert rows(root, "corpus", without=strip) == rows(finished.root, "corpus", without=strip)


def test_a_file_given_twice_under_two_names_counts_once(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    twin = tmp_path / "twin.warc.gz"
    shutil.copy(inputs[0], twin)
    root = finished.copy(tmp_path / "run")
    captures = sum(row["file_path"] == str(inputs[0]) for row in rows(root, "documents"))
    stages = run(spark, tiny([*inputs, twin]), root)
    once, twice = (markers["extract"]["ledger"] for markers in (finished.markers, stages))
    assert twice["in"] == once["in"] + captures
    assert twice["dropped"]["duplicate_id"] == once["dropped"].get("duplicate_id", 0) + captures > 0
    assert stages["publish"]["ledger"] == finished.markers["publish"]["ledger"]


def test_another_recipes_root_is_refused_with_the_difference(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    root = finished.copy(tmp_path / "run")
    with pytest.raises(RecipeError, match=r"holds a run with \[run\] dump = 'TINY', and this recipe says 'OTHER'"):
        run(spark, tiny(inputs, dump="OTHER"), root)
    with pytest.raises(RecipeError, match=r"holds 1 file\(s\) that \[run\] input no longer names"):
        run(spark, tiny(inputs[:2]), root)


def test_costly_stages_are_not_done_again_unasked(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    slower = changed(tiny(inputs), extract={"max_cpu_s": 6.0})
    with pytest.raises(RecipeError, match=r"\[extract\] max_cpu_s: 5.0 -> 6.0.*Add --from extract.*--accept extract to keep"):
        run(spark, slower, finished.copy(tmp_path / "run"))


def test_text_is_shuffled_once_in_publish_and_nowhere_else(
    spark: "SparkSession", finished: Finished, inputs: list[Path]
) -> None:
    """Law 6, read off Spark's plans: joins move ids and signals to the text, never the text; one repartition does."""
    job = context(spark, changed(tiny(inputs), publish={"columns": ["title"]}), finished.root).job(PUBLISH)
    root, kept = job.root, product(job, "00000")
    needed = root.read(DECISIONS).selectExpr("id", "1L AS class")
    assert exchanges(spark, kept, "text") == []
    assert exchanges(spark, candidate_texts(root, needed, ["00000"]), "text") == []
    assert exchanges(spark, kept.repartition(3, "id"), "text") == ["Exchange"], "the test would notice a shuffle of text"


def exchanges(spark: "SparkSession", rows: "DataFrame", column: str) -> list[str]:
    """List the exchanges of Spark's plan for these rows through which a column goes."""
    with planned(spark, adaptive=False):
        plan: Any = rows._jdf.queryExecution().executedPlan()

    def walk(node: Any) -> Iterator[str]:
        name = str(node.nodeName())
        if "Exchange" in name and any(str(node.output().apply(at).name()) == column for at in range(node.output().size())):
            yield name
        for at in range(node.children().size()):
            yield from walk(node.children().apply(at))

    return list(walk(plan))


def test_only_refuses_to_decide_on_rows_of_another_recipe(
    spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match="--only dedup: filter is not finished for this recipe and input"):
        run(spark, with_rule(tiny(inputs)), finished.copy(tmp_path / "run"), only="dedup")


@pytest.mark.parametrize(
    ("columns", "named"),
    [(("titel",), "titel: unknown"), (("title", "title"), "title: unknown, named twice"), (("text",), "text: unknown")],
)
def test_columns_that_cannot_be_published_are_refused_before_work(
    spark: "SparkSession", inputs: list[Path], tmp_path: Path, columns: tuple[str, ...], named: str
) -> None:
    wrong = changed(tiny(inputs), publish={"columns": columns})
    with pytest.raises(RecipeError, match=named):
        run(spark, wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_document_at_all_is_a_run_too(spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path: Path) -> None:
    nothing = changed(tiny(inputs), filter=(Rule(reason="nothing", keep="word_count < 0", source="test"),))
    root = copy_facts(finished.root, tmp_path / "run")
    stages = run(spark, nothing, root)
    assert stages["publish"]["ledger"]["in"] == 0 and stages["filter"]["ledger"]["kept"] == 0
    assert ds.dataset(root / "corpus", partitioning="hive").count_rows() == 0
