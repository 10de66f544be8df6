"""An index and old roots that change beside a run: no comparison is lost without a word, and a result is signed for what it saw."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.dedup import STAGE, index
from jobs.dedup.rounds import run_round
from jobs.dedup.stage import publish_to_index
from jobs.dedup.tables import DECISIONS
from jobs.engine.errors import LedgerError, RecipeError
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.engine.runner import finished
from tests.dedup.oracle import MINHASH, SETTINGS, best_first, corpus, sequential
from tests.dedup.small_root import Doc
from tests.dedup.small_run import context, dedup_recipe, run_dedup, write_corpus, write_decided

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def given(spark: "SparkSession", folder: Path, dump: str) -> Context:
    """Make what a run over the dump is given, as a new process would."""
    recipe = dedup_recipe(dump=dump, scope="global", index=str(folder / "index"))
    return context(Root(spark, str(folder / dump)), recipe)


def made(spark: "SparkSession", folder: Path, dump: str, docs: list[Doc]) -> Context:
    found = given(spark, folder, dump)
    write_decided(found, docs)
    return found


def kept(context: Context) -> set[str]:
    return {row["id"] for row in context.root.read(DECISIONS).where("outcome = 'kept'").collect()}


def publish(context: Context) -> None:
    """Publish what dedup kept, to the corpus and to the index."""
    write_corpus(context, kept(context))
    publish_to_index(context.job(STAGE))


def dumps(seed: int) -> dict[str, list[Doc]]:
    every = corpus(seed, groups=30)
    return {"a": every[::2], "b": every[1::2]}


def alone(docs: list[Doc], published: list[Doc] | None = None) -> set[str]:
    return sequential(sorted(docs, key=best_first), SETTINGS, published or [])


def test_an_old_dump_whose_documents_are_gone_is_refused_and_one_that_loses_its_texts_later_stops_the_stage(
    spark: "SparkSession", tmp_path: Path
) -> None:
    docs = dumps(31)
    old = made(spark, tmp_path, "a", docs["a"])
    run_dedup(old)
    publish(old)
    new = made(spark, tmp_path, "b", docs["b"])
    for lost in ("documents", "signals"):
        later = given(spark, tmp_path, "b")
        assert [dump["name"] for dump in later.job(STAGE).pinned] == ["a"]
        (tmp_path / "a" / lost).rename(tmp_path / "a" / "away")
        with pytest.raises(LedgerError, match=r"documents of the published dump a that are to be compared, 0 have a text"):
            STAGE.run(later.job(STAGE))
        (tmp_path / "a" / "away").rename(tmp_path / "a" / lost)
    (tmp_path / "a" / "documents").rename(tmp_path / "a" / "away")
    with pytest.raises(RecipeError, match=rf"documents are gone \(a at file:{tmp_path}/a\).*nothing was run"):
        run_dedup(given(spark, tmp_path, "b"))
    settings: Any = new.job(STAGE).settings
    urls = settings.model_copy(update={"near_duplicates": None})  # asks the texts of captures
    with pytest.raises(RecipeError, match=r"documents are gone.*min_url_similarity = 0"):
        index.against(new.root, settings=urls, minhash=MINHASH, own="b")
    exact = urls.model_copy(update={"min_url_similarity": 0.0})  # compares no text, and so needs none
    assert [dump.name for dump in index.against(new.root, settings=exact, minhash=MINHASH, own="b")] == ["a"]
    (tmp_path / "a" / "away").rename(tmp_path / "a" / "documents")
    run_dedup(given(spark, tmp_path, "b"))
    survivors = [doc for doc in docs["a"] if doc.id in kept(old)]
    assert kept(new) == alone(docs["b"], survivors) != alone(docs["b"])


def test_a_result_is_signed_for_the_dumps_that_it_was_compared_with(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = dumps(32)
    late = made(spark, tmp_path, "b", docs["b"])
    run_dedup(late)
    first = made(spark, tmp_path, "a", docs["a"])
    published: list[str] = []

    def publishes_first(*arguments: Any) -> dict[str, Any]:
        if not published:
            publish(late)
            published.append("b")
        return run_round(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("jobs.dedup.stage.run_round", publishes_first)
        marker = run_dedup(first)
    assert published == ["b"] and (tmp_path / "index/dump=b/_index.json").exists()
    assert marker["pinned"] == [] and kept(first) == alone(docs["a"])
    assert finished(first, STAGE) == marker  # the run goes on with what it saw
    publish(first)
    assert Root(spark, str(tmp_path / "index")).read_json("dump=a/_index.json")["against"] == {}  # type: ignore[index]
    again = given(spark, tmp_path, "a")
    assert finished(again, STAGE) is None
    marker = run_dedup(again)
    assert [dump["name"] for dump in marker["pinned"]] == ["b"]
    assert kept(again) == alone(docs["a"], [doc for doc in docs["b"] if doc.id in kept(late)]) != alone(docs["a"])
    assert finished(given(spark, tmp_path, "a"), STAGE) == marker
