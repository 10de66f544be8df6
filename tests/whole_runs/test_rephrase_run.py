"""Rephrase as a source: a whole run from a corpus to a corpus of what a model wrote, a budget, and a server that goes away."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine import documents
from jobs.engine.errors import AlarmError, RecipeError
from jobs.engine.root import Root
from jobs.explain import story
from jobs.recipe.load import recipe_of
from jobs.recipe.recipe import Recipe
from jobs.rephrase.estimate import lines
from tests.endpoint.stub_server import Reply, completion, serving
from tests.runs import context, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
PAGE = "The mill of town {n} ground {n} sacks of rye a day, and its miller {name} sold the flour at the market of the town."
NAMES = ("Anna", "Bruno", "Clara", "David")


def write_corpus(folder: Path) -> list[str]:
    folder.mkdir()
    for part in range(2):
        rows = [{"id": f"p{n}", "text": PAGE.format(n=n, name=NAMES[n % 4])} for n in range(4 * part, 4 * part + 4)]
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [str(folder)]


def recipe(inputs: list[str], url: str, **rephrase: Any) -> Recipe:
    style = {"name": "facts", "prompt": "list_of_facts", "max_tokens": 100}
    return recipe_of(
        {
            "run": {"name": "rephrased", "dump": "SYNTHETIC", "input": inputs, "chunk_files": 1},
            "rephrase": {
                "servers": [url],
                "model": "small-1b",
                "concurrency": 4,
                "patience_s": 0.5,
                "style": [style],
                **rephrase,
            },
            "annotate": {"line_edits": "none", "pii": False, "signal_sets": ["rephrase"]},
            "filter": [{"reason": "form_missed", "keep": "rephrase_form_kept"}],
            "dedup": {"exact_url": "off"},
            "publish": {"columns": ["parents", "carried"]},
        }
    )


def as_list(request: dict[str, object], number: int) -> Reply:
    """Write the page as a list, but for one miller's."""
    page = str(request["messages"][-1]["content"]).partition("<page>\n")[2].partition("\n</page>")[0]  # type: ignore[index]
    parts = page.split(", and ")
    return 200, {}, completion(request, text=page if "Clara" in page else f"- {parts[0]}.\n- And {parts[-1]}")


def test_a_run_says_what_it_asks_and_rephrases_gates_and_publishes(spark: "SparkSession", tmp_path: Path) -> None:
    inputs, root = write_corpus(tmp_path / "corpus"), tmp_path / "root"
    with serving(as_list) as stub:
        made = context(spark, recipe(inputs, stub.url), root)
        said = list(lines(made.job(made.source)))
        assert (
            said[0].startswith("rephrase  8 requests for 8 rephrases of 8 documents; 0 more") and "at most 800 out" in said[1]
        )
        markers = run(spark, recipe(inputs, stub.url), root)
        assert [markers[name]["ledger"]["kept"] for name in ("rephrase", "filter", "publish")] == [8, 6, 6]
        assert markers["filter"]["ledger"]["dropped"] == {"form_missed": 2}
        assert stub.completed == 8
        made = context(spark, recipe(inputs, stub.url), root)
        assert list(lines(made.job(made.source))) == []
        assert stub.completed == 8
    rows = Root(spark, str(root)).spark.read.parquet(f"{root}/corpus").orderBy("id").collect()
    assert (rows[0]["id"], rows[0]["parents"][0]["id"], rows[0]["parents"][0]["root"]) == (
        "p0#facts.0",
        "p0",
        str(tmp_path / "corpus"),
    )
    shown = "\n".join(story.sample(made, reason="form_missed", n=1))
    assert "what a model was given, style facts\n  | The mill of town" in shown and "what it wrote, finish reason stop" in shown
    told = "\n".join(story.explain(made, "p0#facts.0"))
    assert "parent              p0 in " in told and "tokens_out" in told and "You add nothing" not in told


def test_a_budget_ends_a_run_and_a_higher_one_goes_on(spark: "SparkSession", tmp_path: Path) -> None:
    inputs, root = write_corpus(tmp_path / "corpus"), tmp_path / "root [1]"  # to Spark a pattern, unless it is told otherwise
    with serving(as_list) as stub:
        with pytest.raises(AlarmError, match=r"the budget of \[rephrase\] ends here: 2 file") as ended:
            run(spark, recipe(inputs, stub.url, budget_tokens=1400), root, only="rephrase")
        before = stub.completed
        assert ended.value.exit_code == 5 and 0 < before < 8 and not (root / "documents/_stage.json").exists()
        markers = run(spark, recipe(inputs, stub.url, budget_tokens=100_000), root, only="rephrase")
        assert (markers["rephrase"]["ledger"]["kept"], stub.completed) == (8, 8)


def test_a_server_that_goes_away_leaves_files_for_the_next_run(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-secret-123456")
    inputs, root = write_corpus(tmp_path / "corpus"), tmp_path / "root"
    with serving(lambda request, number: as_list(request, number) if number < 3 else (500, {}, b"")) as stub:
        run(spark, recipe(inputs, stub.url, key_env="SOME_KEY"), root, only="rephrase")
        assert stub.completed == 3 and len(documents.still_failed(Root(spark, str(root)))) >= 1
    with serving(as_list) as stub:
        markers = run(spark, recipe(inputs, stub.url, key_env="SOME_KEY"), root, only="rephrase")
        assert (markers["rephrase"]["ledger"]["kept"], stub.completed) == (8, 5)
        assert documents.still_failed(Root(spark, str(root))) == []
    kept = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert b"sk-secret" not in kept


def test_what_would_pay_twice_or_has_no_key_is_refused(spark: "SparkSession", tmp_path: Path) -> None:
    inputs = write_corpus(tmp_path / "corpus")
    with pytest.raises(RecipeError, match="SOME_ABSENT_KEY is empty or absent"):
        run(spark, recipe(inputs, "http://localhost:1/v1", key_env="SOME_ABSENT_KEY"), tmp_path / "root")
    with pytest.raises(RecipeError, match="there is no prompt 'poem' \\(known: critical_reading, dialogue"):
        run(spark, recipe(inputs, "http://localhost:1/v1", style=[{"name": "a", "prompt": "poem"}]), tmp_path / "root")
    with pytest.raises(RecipeError, match="holds a name, a password or a query"):
        recipe(inputs, "http://me:secret@localhost:1/v1")
