"""The sample of a tokenizer: exactly the texts of the smallest hashes, whatever files they stand in."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.engine.errors import RefusedError
from jobs.tokenizer import sample
from jobs.tokenizer.reservoir import Reservoir, Text
from jobs.tokenizer.sample import draw
from jobs.tokenizer.settings import TokenizerSettings
from jobs.tokenizer.shares import Shares, parsed_shares
from tests.tokenizer.corpus import WORDS, cut, texts
from udfs.tokens.drawn_texts import Drawing, TextsOfSteps, step_of


def small(monkeypatch: pytest.MonkeyPatch, megabyte: int) -> TokenizerSettings:
    """Return settings of one megabyte, which is taken for so many bytes."""
    monkeypatch.setattr(sample, "MEGABYTE", megabyte)
    return TokenizerSettings(sample_mb=1, holdout=0.1)


def smallest(found: list[str], *, held: bool, limit: int, settings: TokenizerSettings) -> list[str]:
    """Sort texts by hash, and return the first that have so many bytes."""
    drawing = Drawing(settings.seed, settings.holdout)
    placed = sorted((place.offset, text) for text in set(found) if (place := drawing.place(text, "")).group.held is held)
    taken: list[str] = []
    for _, text in placed:
        if sum(len(one.encode()) for one in taken) < limit:
            taken.append(text)
    return taken


@pytest.mark.spark
@pytest.mark.parametrize("copies", [1, 40])
def test_the_sample_is_the_texts_of_the_smallest_hashes_each_once(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copies: int
) -> None:
    """With 40 copies of the smallest, their steps seem to hold more than enough, so workers read again."""
    settings = small(monkeypatch, 4000)
    every = [row["text"] for row in texts()]
    many = smallest(every, held=False, limit=400, settings=settings) * (copies - 1)
    for number in range(3):
        lines = [json.dumps({"text": text}) + "\n" for text in [*every, *many][number::3]]
        (tmp_path / f"{number}.jsonl").write_text("".join(lines))
    passes: list[TextsOfSteps] = []

    def worker(*given: Any) -> TextsOfSteps:
        passes.append(TextsOfSteps(*given))
        return passes[-1]

    monkeypatch.setattr(sample, "TextsOfSteps", worker)
    drawn = draw(spark, [str(tmp_path)], settings=settings, shares=Shares())
    assert [one.text for one in drawn.learned] == smallest(every, held=False, limit=4000, settings=settings)
    assert [one.text for one in drawn.held] == smallest(every, held=True, limit=400, settings=settings)
    assert len(passes) == 1 if copies == 1 else len(passes) > 1
    assert {one.reader.files for one in passes} == {()}  # a task is sent its own files, not the list of all


@pytest.mark.spark
def test_many_files_share_a_task_and_one_that_cannot_be_read_costs_no_other(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "TASKS", 8)
    for number in range(40):
        (tmp_path / f"{number:02}.jsonl").write_text(json.dumps({"text": f"number {number}"}) + "\n")
    (tmp_path / "40.parquet").write_bytes(b"no Parquet")
    context = spark.sparkContext
    context.setJobGroup("sample", "sample")
    drawn = draw(spark, [str(tmp_path)], settings=TokenizerSettings(holdout=0), shares=Shares())
    assert {one.text for one in drawn.learned} == {f"number {number}" for number in range(40)}
    assert len(drawn.failed) == 1 and "40.parquet" in drawn.failed[0]
    tracker = context.statusTracker()
    jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup("sample")]
    stages = [tracker.getStageInfo(number) for job in jobs if job is not None for number in job.stageIds]
    assert max(stage.numTasks for stage in stages if stage is not None) == 8


@pytest.mark.spark
def test_shares_say_how_much_of_each_language_is_drawn(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, corpus = small(monkeypatch, 4000), cut(tmp_path / "corpus", 2)
    drawn = draw(spark, [corpus], settings=settings, shares=Shares("language", {"de": 0.75, "en": 0.25}))
    sizes = {language: sum(len(one.text) for one in drawn.learned if one.language == language) for language in WORDS}
    assert 3000 <= sizes["de"] <= 3200 and 1000 <= sizes["en"] <= 1200
    assert drawn.shares == {"de": (sizes["de"], 3000), "en": (sizes["en"], 1000)}
    assert not {one.text for one in drawn.learned} & {one.text for one in drawn.held}
    one = draw(spark, [corpus], settings=settings, shares=Shares("dump", {"A": 0.5, "B": 0.5}))
    assert one.shares["A"][0] >= 2000 and one.shares["B"] == (0, 2000)


def test_a_reservoir_keeps_the_smallest_hashes_up_to_its_bytes_and_a_text_once() -> None:
    every = [(key, Text(str(key) * 10, "")) for key in (5, 3, 9, 1, 7, 3)]
    for order in (every, every[::-1]):
        kept = Reservoir(25)
        for key, text in order:
            kept.offer(key, text)
        assert [text.text[0] for text in kept.texts()] == ["1", "3", "5"] and kept.bytes == 30


def test_smaller_hashes_have_larger_steps_and_a_step_is_a_32nd_of_a_halving() -> None:
    low = list(map(step_of, range(5000)))
    assert low == sorted(low, reverse=True) and low.count(step_of(4096)) == 128
    eighth = 2**63 // 32
    assert [step_of(2**64 - 1 - number * eighth) for number in range(32)] == list(range(32))


def test_shares_that_make_no_sense_are_refused() -> None:
    assert parsed_shares([]) == Shares() and parsed_shares(["dump:A=1"]) == Shares("dump", {"A": 1.0})
    for wrong in (["language:de=0.5"], ["de=1"], ["language:de=x"], ["language:de=0.5", "dump:A=0.5"], ["colour:red=1"]):
        with pytest.raises(RefusedError, match="shares are given for one column of language, dump"):
            parsed_shares(wrong)
