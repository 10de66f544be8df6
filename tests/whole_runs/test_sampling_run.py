"""A whole run whose recipe has [[sampling]]: the steps decide after dedup, the product has copies, and a changed step costs little."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.explain.story import explain
from jobs.recipe.recipe import Recipe
from jobs.report.gather import gather
from tests.runs import Finished, changed, context, markers, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
LONG = {"name": "shorter_half", "top": {"by": "character_count", "share": 0.5, "within": "domain"}}
REPEATED = {"name": "tier", "tiers": {"by": "token_count", "shares": [0.25], "copies": [3, 1]}, "where": "group_size >= 1"}
Ran = tuple[Path, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def inputs(finished: Finished) -> list[Path]:
    return list(finished.inputs)


@pytest.fixture(scope="module")
def sampled(spark: "SparkSession", finished: Finished, inputs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    root = finished.copy(tmp_path_factory.mktemp("sampling") / "root")
    return root, run(spark, with_steps(inputs), root)


def with_steps(inputs: list[Path], *more: dict[str, Any]) -> Recipe:
    return changed(tiny(inputs), sampling=[LONG, REPEATED, *more], publish={"columns": ["steps"]})


def test_the_stage_decides_after_dedup_and_ledger_product_report_and_explain_tell_of_it(
    spark: "SparkSession", sampled: Ran, inputs: list[Path]
) -> None:
    root, stages = sampled
    assert list(stages) == ["extract", "annotate", "filter", "dedup", "sampling", "publish"]
    assert stages["sampling"]["ledger"]["in"] == stages["dedup"]["ledger"]["kept"] > 0
    decisions = {row["id"]: row for row in rows(root, "decisions/sampling")}
    kept = {name: row["copies"] for name, row in decisions.items() if row["outcome"] == "kept"}
    assert {row["id"]: row["copies"] for row in rows(root, "corpus")} == kept
    assert {row["id"]: row["steps"] for row in rows(root, "corpus")} == {name: decisions[name]["steps"] for name in kept}
    assert set(kept.values()) == {1, 3} and stages["sampling"]["copies"] == sum(kept.values())
    made = context(spark, with_steps(inputs), root)
    report = gather(made)
    assert [(stage.name, stage.recorded) for stage in report.stages] == [(name, "") for name in stages]
    cards = {card.title: card for stage, card in report.cards if stage == "sampling"}
    assert list(cards) == ["Sampling by step", "Copies", "Curve of shorter_half", "Curve of tier"]
    assert [row[:4] for row in cards["Sampling by step"].rows] == [
        ("shorter_half", len(decisions), len(kept), len(kept)),
        ("tier", len(kept), len(kept), sum(kept.values())),
    ]
    assert [row[:2] for row in cards["Copies"].rows] == [
        (str(copies), sum(row["copies"] == copies for row in decisions.values())) for copies in (0, 1, 3)
    ]
    thrice = next(name for name, copies in kept.items() if copies == 3)
    story = "\n".join(explain(made, thrice))
    assert "sampling  kept, 3 copies\n  shorter_half" in story and "value 3, cut 0." in story
    lost = next(row for row in decisions.values() if row["outcome"] == "dropped")
    assert f"value {lost['value']:.6g}, cut {lost['cut']:.6g}: 0 copies" in "\n".join(explain(made, lost["id"]))


def test_a_changed_step_runs_no_python_worker_and_publishes_only_the_chunk_that_it_touches(
    spark: "SparkSession", sampled: Ran, inputs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Finished(*sampled, inputs=tuple(inputs)).copy(tmp_path / "run")
    before, files = markers(root), _files(root)
    gone = rows(root, "corpus", without=())[0]
    chunk = f"{gone['chunk']:05}"  # read back as a number
    step = {"name": "one", "threshold": {"by": "word_count", "max": 0}, "where": f"id = '{gone['id']}'"}
    with monkeypatch.context() as patch:
        patch.setattr("pyspark.sql.classic.dataframe.DataFrame.mapInArrow", None)  # what asks a worker for anything would fail
        run(spark, with_steps(inputs, step), root, only="sampling")
    assert markers(root) == before
    run(spark, with_steps(inputs, step), root)
    redone = {name for name, at in markers(root).items() if before.get(name) != at}
    assert redone == {f"corpus/_chunks/{chunk}.json"}
    assert {name.split("chunk=")[1].split("/")[0] for name in _files(root) ^ files} == {chunk}
    assert {row["id"] for row in rows(sampled[0], "corpus")} - {row["id"] for row in rows(root, "corpus")} == {gone["id"]}


def _files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in (root / "corpus").rglob("*.parquet")}


def test_without_the_section_all_is_published_and_no_column_speaks_of_copies(
    spark: "SparkSession", sampled: Ran, finished: Finished, inputs: list[Path], tmp_path: Path
) -> None:
    root = Finished(*sampled, inputs=tuple(inputs)).copy(tmp_path / "run")
    run(spark, tiny(inputs), root)
    assert rows(root, "corpus") == rows(finished.root, "corpus") and "copies" not in rows(root, "corpus")[0]


def test_a_step_that_does_not_fit_is_refused_before_any_work(
    spark: "SparkSession", finished: Finished, inputs: list[Path]
) -> None:
    steps = [
        {"name": "few_words", "top": {"by": "word_count", "share": 0.5}},
        {"name": "unsampled", "top": {"by": "wordcount", "share": 0.5}},
        {"name": "text", "top": {"by": "length(text)", "share": 0.5}},
        {"name": "word", "top": {"by": "domain", "share": 0.5}},
        {"name": "all", "top": {"by": "avg(word_count)", "share": 0.5}},
        {"name": "ranked", "top": {"by": "rank() OVER (ORDER BY word_count)", "share": 0.5}},
        {"name": "chance", "top": {"by": "rand()", "share": 0.5}},
        {"name": "when", "top": {"by": "word_count", "share": 0.5}, "where": "word_count"},
        {"name": "many", "top": {"by": "word_count", "share": 0.5, "within": "opt_out"}},
    ]
    with pytest.raises(RecipeError) as caught:
        run(spark, changed(tiny(inputs), sampling=steps), finished.root)
    text = str(caught.value)
    assert text.startswith("10 fault(s) in [[sampling]]; nothing was run.")
    for said in (
        "step 'few_words': a rule or gristmill itself gives that reason",
        "step 'unsampled': a rule or gristmill itself gives that reason",
        "step 'unsampled': 'wordcount' does not fit",
        "step 'text': 'length(text)' does not fit",
        "step 'word': 'domain' gives string, not a number",
        "step 'all': 'avg(word_count)' looks at other documents",
        "step 'ranked': 'rank() OVER (ORDER BY word_count)' looks at other documents",
        "step 'chance': 'rand()' is another at every run",
        "step 'when': 'word_count' gives bigint, not true or false",
        "step 'many': 'opt_out' gives array<string>, not the name of a group",
        "columns: language, language_score",
    ):
        assert said in text
