"""Kill the driver while it reads a corpus: the next run reads what is missing, and the rows are those of a run that nobody disturbed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.models import fetch
from jobs.recipe.load import load_recipe
from tests.runs import MODELS, Finished, rows, run
from tests.whole_runs.corpora import extracted, write_jsonl
from tests.whole_runs.held_page import HeldPage
from tests.whole_runs.test_kill import Work, marked, run_and_kill

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

RECIPE = """
[run]
name = "kill"
dump = "KILL"
input = []
chunk_files = 1
chunks_at_once = 1
[read]
[annotate]
language_model = "{model}"
"""
FILES = 8


def test_a_run_that_is_killed_while_it_reads_a_corpus_goes_on(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    documents = [{"text": row["text"], "url": row["url"]} for row in extracted(finished.root)]
    inputs = tuple(write_jsonl(documents[nth::FILES], tmp_path / f"{nth}.jsonl") for nth in range(FILES))
    path, root = tmp_path / "recipe.toml", tmp_path / "root"
    path.write_text(RECIPE.format(model=fetch("lid.176.ftz", folder=MODELS).path), "utf-8")
    recipe = load_recipe(path, overrides={"input": [str(file) for file in inputs]})
    run(spark, recipe, tmp_path / "undisturbed", only="read")
    nobody = HeldPage(inputs[0], tmp_path)  # no page is held
    run_and_kill(Work(path, inputs, tmp_path), root, nobody, moment=("documents/_chunks/*.json", "documents/_stage.json"))
    before = {name: at for name, at in marked(root).items() if name.startswith("documents/")}
    assert 0 < len(before) < FILES
    run(spark, recipe, root, only="read")
    assert {name: marked(root)[name] for name in before} == before
    assert json.loads((root / "documents/_stage.json").read_text("utf-8"))["ledger"]["in"] == len(documents)
    assert rows(root, "documents") == rows(tmp_path / "undisturbed", "documents")
