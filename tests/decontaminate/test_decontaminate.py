"""The stage over a small root: drops, cuts and marks with a witness, the same however the work is cut, resumed and published."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.decontaminate import STAGE
from jobs.decontaminate import stage as decontaminate
from jobs.decontaminate.cards import cards
from jobs.decontaminate.story import story
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.publish import STAGE as PUBLISH
from jobs.publish import stage as publish
from tests.dedup.small_root import Doc
from tests.dedup.small_run import context, recipe, write_decided
from tests.passages.root import write_deduped
from tests.runs import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
QUESTION = "How many wheels does the old mill by the river have in the spring of the year?"
TEXTS = {
    "<a>": f"A page. {QUESTION.upper()} Nobody knows.",
    "<b>": "A page about other things than mills.",
    "<c>": QUESTION,
    "<d>": "Who grinds the corn?\nThe miller does.",
    "<e>": f"{QUESTION} A duplicate, which does not come.",
}


def given(root: Path, spark: "SparkSession", *, items: Path, action: str) -> Context:
    one = {"name": "mills", "uri": str(items), "question": "q", "answer": "a"}
    section: dict[str, Any] = {"action": action, "min_words": 5, "set": [one]}
    return context(Root(spark, str(root)), recipe(decontaminate=section, publish={"columns": ["evaluation_set"]}))


def item_file(path: Path, question: str = QUESTION) -> Path:
    rows = [{"q": question, "a": "Four."}, {"q": "Who grinds the corn?", "a": "the miller"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def by_id(folder: Path, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {row["id"]: tuple(row[name] for name in columns) for row in rows(folder, "decisions/decontaminate")}


@pytest.mark.parametrize(
    ("action", "outcomes", "texts"),
    [
        ("drop", {"<a>": "contaminated", "<b>": None, "<c>": "contaminated", "<d>": "contaminated"}, {"<b>": TEXTS["<b>"]}),
        (
            "cut",
            {"<a>": None, "<b>": None, "<c>": "only_evaluation_items", "<d>": None},
            {"<a>": "A page. Nobody knows.", "<b>": TEXTS["<b>"], "<d>": "does."},
        ),
        ("mark", dict.fromkeys(("<a>", "<b>", "<c>", "<d>")), {name: TEXTS[name] for name in ("<a>", "<b>", "<c>", "<d>")}),
    ],
)
def test_a_document_that_holds_an_item_goes_or_loses_it_or_is_marked(
    spark: "SparkSession", tmp_path: Path, action: str, outcomes: dict[str, str | None], texts: dict[str, str]
) -> None:
    write_deduped(tmp_path, TEXTS, c4_lines=False, dropped="<e>")
    what = given(tmp_path, spark, items=item_file(tmp_path / "items.jsonl"), action=action)
    ledger = decontaminate.run(what.job(STAGE)).check("decontaminate")
    assert ledger.came.count == 4
    assert {id_: reason for id_, (reason,) in by_id(tmp_path, "reason").items()} == outcomes
    place = TEXTS["<a>"].index("HOW")
    named = ("evaluation_set", "evaluation_item", "evaluation_field", "evaluation_share", "evaluation_start", "evaluation_end")
    assert by_id(tmp_path, *named) == {
        "<a>": ("mills", "0", "q", 1.0, place, place + len(QUESTION) - 1),
        "<b>": (None,) * 6,
        "<c>": ("mills", "0", "q", 1.0, 0, len(QUESTION) - 1),
        "<d>": ("mills", "1", "q", 1.0, 0, len("Who grinds the corn?\nThe miller")),
    }
    publish.run(what.job(PUBLISH)).check("publish")
    assert {row["id"]: row["text"] for row in rows(tmp_path, "corpus")} == texts
    if action == "mark":
        assert {row["id"]: row["evaluation_set"] for row in rows(tmp_path, "corpus")} == {
            "<a>": "mills",
            "<b>": None,
            "<c>": "mills",
            "<d>": "mills",
        }
        told = list(story(what, "<a>", "00000"))
        assert told[0] == "decontaminate  kept: holds 1 evaluation text"
        assert (
            told[1].split()
            == f"mills 0 q 100%, 17 words, from {place} to {place + len(QUESTION) - 1} of the extracted text".split()
        )
        assert told[2].strip() == QUESTION.upper().rstrip("?")
        assert list(story(what, "<b>", "00001")) == ["decontaminate  kept: holds 0 evaluation texts"]


def test_decisions_are_the_same_in_1_3_and_8_chunks_and_a_killed_stage_goes_on(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = item_file(tmp_path / "items.jsonl")
    texts = {f"<{number}>": f"{number}. {QUESTION if number % 2 else 'Nothing.'} So." for number in range(16)}
    found = {}
    for count in (1, 3, 8):
        folder = tmp_path / str(count)
        monkeypatch.setattr("tests.passages.root.CHUNKS", tuple(f"{number:05}" for number in range(count)))
        write_deduped(folder, texts, c4_lines=False)
        job = given(folder, spark, items=items, action="drop").job(STAGE)
        if count == 3:
            with monkeypatch.context() as patch:
                patch.setattr(decontaminate, "decided", None)
                with pytest.raises(TypeError):
                    decontaminate.run(job)
            searched = {path: path.stat().st_mtime_ns for path in folder.glob("decontaminate/*/chunk=*/*.parquet")}
            assert len(searched) == 3
        decontaminate.run(job).check("decontaminate")
        if count == 3:
            assert {path: path.stat().st_mtime_ns for path in searched} == searched
        found[count] = rows(folder, "decisions/decontaminate")
    assert found[1] == found[3] == found[8]
    assert [row["outcome"] for row in found[1]].count("dropped") == 8


def test_a_changed_set_redoes_this_stage_and_what_follows_and_a_broken_one_is_refused_before_any_work(
    spark: "SparkSession", tmp_path: Path
) -> None:
    docs = [Doc("<a>", f"A page. {QUESTION} Nobody knows.", "a"), Doc("<b>", "A page about other things.", "b")]
    items = item_file(
        tmp_path / "items.jsonl", "Which page of this book of many pages tells nothing at all of the corn and the mill?"
    )
    root = tmp_path / "root"

    def what(uri: Path = items) -> Context:
        one = {"name": "mills", "uri": str(uri), "question": "q", "answer": "a"}
        section: dict[str, Any] = {"decontaminate": {"set": [one]}}
        return context(Root(spark, str(root)), recipe(annotate={"quality": [{"model": "none"}]}, **section))

    def finished() -> dict[str, int]:
        return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("_stage.json")}

    write_decided(what(), docs)
    run_stages(what())
    before = finished()
    assert len(rows(root, "corpus")) == 2
    (card,) = cards(what())
    assert card.rows == (("mills", 2, 2, 0, 0, 0, 0),)
    moved = tmp_path / "elsewhere.jsonl"
    moved.write_bytes(items.read_bytes())
    run_stages(what(moved))
    assert finished() == before
    item_file(items)
    run_stages(what())
    changed = {name for name, time in finished().items() if time != before[name]}
    assert changed == {"decisions/decontaminate/_stage.json", "corpus/_stage.json"}
    assert [row["id"] for row in rows(root, "corpus")] == ["<b>"]
    (card,) = cards(what())
    assert card.rows == (("mills", 2, 2, 1, 1, 0, 17),)
    items.write_text("", "utf-8")
    with pytest.raises(Exception, match="is empty: it would protect nothing"):
        run_stages(what())
