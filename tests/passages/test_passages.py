"""The passages stage over random documents: equal to plain loops however the work is cut, resumed, published, explained."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.root import Root
from jobs.explain.story import outcomes
from jobs.passages import stage as passages
from jobs.passages.settings import Bff, C4Lines, CcnetLines, Passages, Substrings
from jobs.publish import STAGE as PUBLISH
from jobs.publish import stage as publish
from tests.passages.reference import (
    Texts,
    without_lines_of_earlier_pages,
    without_repeated_lines,
    without_repeated_words,
    without_seen_paragraphs,
    without_seen_paragraphs_exactly,
)
from tests.passages.root import left_of, passages_context, passages_job, random_texts, seen_text, signal_edits, write_deduped
from tests.planning import planned
from tests.runs import rows
from udfs.edits.edit import Edit
from udfs.words.bounds import split

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
BLOOM = Bff(min_ngram=2, max_ngram=3, max_seen_ratio=0.6, max_false_positives=1e-9, shards=3)
EXACT = Bff(min_ngram=3, max_ngram=3, max_seen_ratio=0.6, method="exact")


@pytest.fixture(params=[1, 3])
def partitions(spark: "SparkSession", request: pytest.FixtureRequest) -> Iterator[int]:
    with planned(spark, partitions=request.param, adaptive=request.param == 1):
        yield request.param


def stage(spark: "SparkSession", folder: Path, texts: Texts, settings: Passages, *, c4_lines: bool = False) -> Texts:
    """Run the stage over documents, the last of which was a duplicate; return what it leaves of each that it keeps."""
    gone = list(texts)[-1]
    write_deduped(folder, texts, c4_lines=c4_lines, dropped=gone)
    ledger = passages.run(passages_job(Root(spark, str(folder)), settings)).check("passages")
    decided = {row["id"]: row for row in rows(folder, "decisions/passages", without=())}
    assert set(decided) == set(texts) - {gone}
    assert ledger.came.count == len(decided)
    cuts = {row["id"]: [Edit(**edit) for edit in row["edits"]] for row in rows(folder, "edits/passages", without=())}
    left = {}
    for id_, row in decided.items():
        lines = [edit for edit in signal_edits(texts[id_], c4_lines=c4_lines) if edit.kind == "c4_lines"]
        left[id_] = left_of(texts[id_], lines, cuts.get(id_, []))
        before = len(seen_text(texts[id_], c4_lines=c4_lines))
        assert row["removed_characters"] == before - (len(left[id_]) if row["outcome"] == "kept" else 0)
    return {id_: text for id_, text in left.items() if decided[id_]["outcome"] == "kept"}


def came(texts: Texts, *, c4_lines: bool = False) -> Texts:
    return {id_: seen_text(text, c4_lines=c4_lines) for id_, text in list(texts.items())[:-1]}


@pytest.mark.parametrize("keep", ["none", "first"])
def test_lines_are_cut_as_two_passes_over_the_documents_would(
    spark: "SparkSession", tmp_path: Path, partitions: int, keep: Any
) -> None:
    texts = random_texts(partitions)
    left = stage(spark, tmp_path, texts, Passages(ccnet_lines=CcnetLines(keep=keep)))
    assert left == without_repeated_lines(came(texts), keep=keep)
    assert len(left) > 5 and sum(map(len, left.values())) < 0.8 * sum(map(len, came(texts).values()))


def test_a_line_stays_in_the_first_page_that_has_it_and_a_page_that_keeps_few_sentences_goes(
    spark: "SparkSession", tmp_path: Path
) -> None:
    texts = {id_: text.replace(" mill", ". mill") for id_, text in random_texts(50).items()}
    left = stage(spark, tmp_path, texts, Passages(c4_lines=C4Lines(min_sentences=4)))
    assert left == without_lines_of_earlier_pages(came(texts), min_sentences=4)
    assert 5 < len(left) < len(texts) - 5
    assert {row["reason"] for row in rows(tmp_path, "decisions/passages")} == {None, "few_sentences_left"}


@pytest.mark.parametrize(
    ("settings", "reference"),
    [
        (BLOOM, lambda texts: without_seen_paragraphs(texts, n=(2, 3), threshold=0.6, shards=3)),
        (EXACT, lambda texts: without_seen_paragraphs_exactly(texts, n=(3, 3), threshold=0.6)),
    ],
    ids=["bloom", "exact"],
)
def test_paragraphs_are_cut_as_one_pass_in_order_would(
    spark: "SparkSession", tmp_path: Path, partitions: int, settings: Bff, reference: Callable[[Texts], Texts]
) -> None:
    texts = random_texts(10 + partitions)
    left = stage(spark, tmp_path, texts, Passages(bff=settings))
    assert left == reference(came(texts))
    assert 5 < len(left) < len(texts) - 5
    reasons = {row["reason"] for row in rows(tmp_path, "decisions/passages")}
    assert "bff_document" in reasons


def test_runs_of_words_are_cut_where_a_match_of_all_pairs_of_places_says(
    spark: "SparkSession", tmp_path: Path, partitions: int
) -> None:
    texts = random_texts(20 + partitions)
    left = stage(spark, tmp_path, texts, Passages(substrings=Substrings(min_tokens=4)))
    words = {id_: [word for word in split(text) if word.strip()] for id_, text in left.items()}
    assert words == without_repeated_words(came(texts), size=4)
    assert len(left) > 5


def test_several_ways_follow_one_another_after_the_line_edits_and_publish_applies_all(
    spark: "SparkSession", tmp_path: Path, partitions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if partitions > 1:  # also as if there were many chunks, and many documents in each
        monkeypatch.setattr("jobs.passages.texts.FEW_CHUNKS", 0)
        monkeypatch.setattr("jobs.engine.facts_of_texts.BROADCAST_ROWS", -1)
    texts = random_texts(30 + partitions)
    settings = Passages(ccnet_lines=CcnetLines(keep="first"), bff=EXACT, substrings=Substrings(min_tokens=4))
    left = stage(spark, tmp_path, texts, settings, c4_lines=True)
    lines = without_repeated_lines(came(texts, c4_lines=True), keep="first")
    paragraphs = without_seen_paragraphs_exactly(lines, n=(3, 3), threshold=0.6)
    expected = without_repeated_words(paragraphs, size=4)
    assert {id_: [word for word in split(text) if word.strip()] for id_, text in left.items()} == expected
    ledger = publish.run(passages_context(Root(spark, str(tmp_path)), settings).job(PUBLISH)).check("publish")
    assert ledger.kept.count == len(left) > 5
    cuts = {row["id"]: [Edit(**edit) for edit in row["edits"]] for row in rows(tmp_path, "edits/passages")}
    published = rows(tmp_path, "corpus")
    assert {row["id"]: row["text"] for row in published} == {
        id_: left_of(texts[id_], signal_edits(texts[id_], c4_lines=True), cuts.get(id_, [])) for id_ in left
    }
    assert any("some.body" in text for text in texts.values()) and not any("some.body" in row["text"] for row in published)
    assert {row["token_count"] == -1 for row in published if not cuts.get(row["id"])} <= {True}
    assert all(row["token_count"] > 0 for row in published if cuts.get(row["id"]))


def test_a_killed_stage_goes_on_where_it_was(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = random_texts(40)
    settings = Passages(bff=EXACT, substrings=Substrings(min_tokens=4))
    whole = stage(spark, tmp_path / "whole", texts, settings)
    write_deduped(tmp_path / "killed", texts, c4_lines=False, dropped=list(texts)[-1])
    job = passages_job(Root(spark, str(tmp_path / "killed")), settings)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("jobs.passages.stage.cut_repeated_substrings", die)
        with pytest.raises(KeyboardInterrupt):
            passages.run(job)
    before = deep_markers(tmp_path / "killed")
    assert any("/bff/cuts/" in name for name in before)
    passages.run(job)
    after = deep_markers(tmp_path / "killed")
    assert {name: after[name] for name in before} == before
    assert {row["id"] for row in rows(tmp_path / "killed", "decisions/passages") if row["outcome"] == "kept"} == set(whole)
    assert rows(tmp_path / "killed", "edits/passages") == rows(tmp_path / "whole", "edits/passages")


def deep_markers(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in sorted(root.glob("passages/**/*.json"))}


def test_a_document_of_which_nothing_is_left_is_dropped_and_every_outcome_can_be_listed(
    spark: "SparkSession", tmp_path: Path
) -> None:
    texts = {
        "a": "One line that two have.\n \n",
        "b": "one line that two have.\nand one 😀 alone",
        "c": "nothing of the kind",
        "d": "x",
    }
    left = stage(spark, tmp_path, texts, Passages(ccnet_lines=CcnetLines()))
    assert left == {"b": "and one 😀 alone", "c": "nothing of the kind"}
    decided = {row["id"]: (row["outcome"], row["reason"]) for row in rows(tmp_path, "decisions/passages")}
    assert decided == {"a": ("dropped", "nothing_left"), "b": ("kept", None), "c": ("kept", None)}
    root = Root(spark, str(tmp_path))
    root.write_json("decisions/dedup/_stage.json", {})
    root.write_json("decisions/passages/_stage.json", {})
    context = passages_context(root, Passages(ccnet_lines=CcnetLines()))
    listed = {(row["id"], row["outcome"], row["reason"]) for row in outcomes(context).collect()}
    assert listed == {("a", "dropped", "nothing_left"), ("b", "kept", None), ("c", "kept", None), ("d", "dropped", None)}


def test_nothing_to_read_is_a_stage_too(spark: "SparkSession", tmp_path: Path) -> None:
    write_deduped(tmp_path, {"a": "one line"}, c4_lines=False, dropped="a")
    settings = Passages(ccnet_lines=CcnetLines(), bff=Bff(), substrings=Substrings())
    ledger = passages.run(passages_job(Root(spark, str(tmp_path)), settings)).check("passages")
    assert (ledger.came.count, ledger.kept.count) == (0, 0)
