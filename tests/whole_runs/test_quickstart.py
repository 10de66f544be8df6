"""The quickstart on the self-made sample, held against the truth, and what its reader does next."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from jobs.classifier.train import train
from jobs.commands import run_recipe
from jobs.dedup.tables import DECISIONS
from jobs.engine.funnel import funnel_lines
from jobs.engine.job import Context
from jobs.engine.late_session import LateSession
from jobs.engine.models import fetch
from jobs.engine.root import Root
from jobs.explain.story import explain, reasons, sample
from jobs.recipe.load import load_recipe
from jobs.report.write import example, write_report
from sample.outcomes import read_run
from sample.score import Score, score
from tests.runs import PROJECT, changed, context, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
README = (PROJECT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def quickstart(spark: "SparkSession", sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Do what `make run` does: train the small model, run the recipe, write the report."""
    folder = tmp_path_factory.mktemp("quickstart")
    model = folder / "quality.bin"
    held_out = train(model, positives=[sample / "quality/positive.txt"], negatives=[sample / "quality/negative.txt"]).held_out
    assert held_out.auc is not None and held_out.auc > 0.95
    inputs = sorted(str(path) for path in (sample / "warc").glob("*.warc.gz"))
    recipe = load_recipe(PROJECT / "conf/quickstart.toml", overrides={"input": inputs})
    models = {"quality": fetch(str(model))}
    markers = run(spark, recipe, folder / "run", models=models)
    assert [line.split()[0] for line in funnel_lines(markers) if line[0] != " "] == [
        "extract",
        "annotate",
        "filter",
        "dedup",
        "publish",
    ]
    made = context(spark, recipe, folder / "run", models=models)
    write_report(made)
    yield made


def result(made: Context, folder: Path) -> Score:
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").split("\n") if line]
    return score(truth, read_run(Path(made.root.path)))


def test_the_quickstart_does_as_well_as_the_readme_says(quickstart: Context, sample: Path) -> None:
    got = result(quickstart, sample)
    captures = re.search(r"captures decided.*?\| (\d+) of (\d+) \|", README)
    duplicates = re.search(r"duplicates found / rightly dropped \| (\d+) of (\d+) / (\d+) of (\d+) \|", README)
    rest = re.search(r"languages / charsets right \| (\d+) of (\d+) / (\d+) of (\d+) \|", README)
    f1 = re.search(r"token F1 of the extracted text \| ([0-9.]+) \|", README)
    assert captures and duplicates and rest and f1
    assert (*got.decisions, *got.duplicate_recall, *got.duplicate_precision, *got.languages, *got.charsets) == tuple(
        int(number) for match in (captures, duplicates, rest) for number in match.groups()
    )
    assert round(got.text_f1, 3) == float(f1.group(1))
    assert (got.pii_left, got.unwanted_left) == (0, 0)


def test_the_report_balances_and_names_every_reason(quickstart: Context) -> None:
    page = (Path(quickstart.root.path) / "report.html").read_text("utf-8")
    assert "Every document is accounted for" in page
    assert [reason for reason in reasons(quickstart) if reason not in page] == []


def test_explain_tells_a_dropped_copy_the_page_it_lost_to(quickstart: Context) -> None:
    row = quickstart.root.read(DECISIONS).where("reason = 'near_duplicate'").orderBy("id").first()
    assert row is not None
    told = "\n".join(explain(quickstart, row["id"]))
    assert (
        f"dedup     dropped, near_duplicate: similarity {row['similarity']:.4f} to {row['duplicate_of']}, which was kept"
        in told
    )
    assert re.search(r"ok +few_words +word_count >= 50", told) and "token_count" in told


def test_explain_and_sample_find_pages_by_url_and_reason(quickstart: Context) -> None:
    assert explain(quickstart, example(quickstart)) != []
    assert explain(quickstart, "https://nowhere.example/") == []
    for reason in reasons(quickstart):
        lines = list(sample(quickstart, reason=reason, n=2))
        assert any(line.endswith(reason) for line in lines), reason
    assert list(sample(quickstart, reason="no_such_reason", n=2)) == []
    assert list(sample(quickstart, reason=None, n=2)) == list(sample(quickstart, reason=None, n=2)) != []


def test_the_readmes_reader_of_the_corpus_works(quickstart: Context) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    shown: list[object] = []
    exec(code.group(1).replace("out/quickstart", quickstart.root.path), {"print": shown.append})
    assert isinstance(shown[0], dict) and set(shown[0]) == {"url", "language", "token_count", "text"}
    corpus = ds.dataset(Path(quickstart.root.path) / "corpus", format="parquet", partitioning="hive")
    assert set(corpus.to_table(columns=["dump"]).column("dump").to_pylist()) == {"SAMPLE-2026-01"}


def test_the_readmes_two_funnels_are_what_its_rule_does_to_the_sample(quickstart: Context) -> None:
    words = ds.dataset(Path(quickstart.root.path) / "signals", format="parquet").to_table(columns=["word_count"])
    counts = words.column("word_count").to_pylist()
    for bound in (50, 150):
        kept = sum(count >= bound for count in counts)
        shown = rf"^filter +{len(counts)} in +{kept} on .*\n +{len(counts) - kept} dropped few_words$"
        assert re.search(shown, README, re.MULTILINE), f"word_count >= {bound} keeps {kept} of {len(counts)}"


class SparkAskedFor(Exception):
    """Say that a run has asked for Spark, which there is not."""


def without_spark(made: Context, root: Path, **other: Any) -> list[str]:
    """Run again on a root, in a process that has no Spark."""

    def start() -> "SparkSession":
        raise SparkAskedFor

    return run_recipe(replace(made, root=Root(LateSession(start), str(root)), pins={}, plans={}, analysed={}, **other))


@pytest.fixture
def again(quickstart: Context, tmp_path: Path) -> Path:
    shutil.copytree(quickstart.root.path, tmp_path / "root")
    return tmp_path / "root"


def test_a_finished_run_needs_no_spark_to_say_that_it_is_finished(quickstart: Context, again: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns
        for path in again.rglob("*")
        if path.is_file() and path.name not in ("recipe.json", "run.json")
    }
    assert without_spark(quickstart, again) == []
    told = json.loads((again / "run.json").read_text("utf-8"))
    assert (told["exit_code"], told["application"], told["failed_files"]) == (0, None, [])
    assert [(one["stage"], one["finished_before"]) for one in told["stages"]] == [(s.name, True) for s in quickstart.stages]
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize(
    "gone",
    [
        "documents/_chunks/00000.json",
        "signals/_stage.json",
        "decisions/filter/_stage.json",
        "corpus/_stage.json",
        "report.html",
    ],
)
def test_what_is_missing_of_a_finished_run_is_done_again(quickstart: Context, again: Path, gone: str) -> None:
    (again / gone).unlink()
    with pytest.raises(SparkAskedFor):
        without_spark(quickstart, again)


@pytest.mark.parametrize(
    ("section", "settings"),
    [("filter", [{"reason": "few", "keep": "word_count > 9"}]), ("dedup", {"survivor": ["token_count"]})],
    ids=["filter", "dedup"],
)
def test_changed_sql_is_analysed_before_any_work(quickstart: Context, again: Path, section: str, settings: Any) -> None:
    recipe = changed(quickstart.recipe, **{section: settings})
    with pytest.raises(SparkAskedFor):
        without_spark(quickstart, again, recipe=recipe)
    assert json.loads((again / "run.json").read_text("utf-8"))["stage"] == "plan"


def test_another_spark_analyses_the_sql_again(quickstart: Context, again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.engine.analysed.package_versions", lambda packages: dict.fromkeys(packages, "99"))
    with pytest.raises(SparkAskedFor):
        without_spark(quickstart, again)


def test_a_new_file_of_the_input_is_read(quickstart: Context, again: Path, tmp_path: Path) -> None:
    (old, *_), new = quickstart.recipe.run.input, tmp_path / "new.warc.gz"
    shutil.copyfile(old, new)
    recipe = changed(quickstart.recipe, run={"input": [*quickstart.recipe.run.input, str(new)]})
    with pytest.raises(SparkAskedFor):
        without_spark(quickstart, again, recipe=recipe)
    assert json.loads((again / "run.json").read_text("utf-8"))["stage"] == "extract"
