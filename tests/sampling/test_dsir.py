"""dsir by Spark equals the same in plain Python, and what it chooses is more like the target than chance is."""

import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from jobs.sampling.settings import Step
from jobs.sampling.targets import Target, place_of, target_files, targets
from jobs.text_files import TextFileError, files_of, texts_of
from tests.runs import Finished, changed, rows, run, tiny
from tests.sampling import oracle
from tests.sampling.pools import by_spark, differences, documents, plain, step
from udfs.models.model_file import sha256_of
from udfs.signals.hashed_ngrams import BUCKETS, measure

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIELDS = ["ship", "sail", "wind", "harbour", "mast", "tide", "deck", "rope", "anchor", "gull"]
TOWN = ["tram", "street", "market", "tower", "lamp", "bridge", "square", "tax", "mayor", "bus"]
TARGET = [" ".join(random.Random(n).choices(FIELDS, k=30)) for n in range(40)]


def pool() -> list[dict[str, Any]]:
    """Make documents of which a tenth is about ships; one has no features."""
    found = []
    for n, doc in enumerate(documents(7, count=600)):
        draw = random.Random(n)
        ships = draw.choice([0.0] * 9 + [1.0])
        words = [draw.choice(FIELDS if draw.random() < ships else TOWN) for _ in range(draw.randint(5, 60))]
        found.append({**doc, "hashed_ngrams": None if n == 5 else measure(" ".join(words)).ngrams})
    return found


def target() -> Target:
    texts = [measure(text) for text in TARGET]
    counts = oracle.counted(text.ngrams for text in texts)
    return Target(tuple(counts[bucket] for bucket in range(BUCKETS)), sum(text.tokens for text in texts) / len(texts))


def drawn(**keys: Any) -> Step:
    return step("like_ships", "dsir", {"target": ["x"], **keys})


STEPS = (
    (drawn(share=0.1),),
    (drawn(documents=40, length_correction="mean"),),
    (
        step("twice", "tiers", {"by": "character_count", "at": [0], "copies": [2, 1]}),
        step(
            "like_ships", "dsir", {"target": ["x"], "tokens": 40_000, "length_correction": "poisson"}, where="language = 'en'"
        ),
    ),
)


@pytest.mark.spark
def test_dsir_equals_the_same_in_plain_python_whatever_the_partitions(spark: "SparkSession", tmp_path: Path) -> None:
    docs, texts = pool(), [measure(text).ngrams for text in TARGET]
    for n, steps in enumerate(STEPS):
        wanted = plain(oracle.take(docs, steps, {"like_ships": texts}))
        first, *others = [
            by_spark(spark, docs, steps, tmp_path / f"{n}-{parts}", partitions=parts, targets={"like_ships": target()})
            for parts in ((1, 3, 8) if n == 0 else (2,))
        ]
        assert differences(first, wanted, digits=9) == []
        assert [other == first for other in others] == [True] * len(others)  # to the last bit
        if n == 0:
            kept = {name for name, (outcome, *_) in first.items() if outcome == "kept"}
            seen = [doc for doc in docs if doc["hashed_ngrams"] is not None]
            assert len(kept) == 60 and divergence([d for d in seen if d["id"] in kept]) < divergence(seen) / 3
            value, cut = first[next(name for name, (outcome, *_) in first.items() if outcome == "dropped")][3][-1][1:3]
            assert cut is not None and value <= cut


@pytest.mark.spark
def test_a_run_draws_by_dsir_and_a_changed_step_measures_nothing_again(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    (tmp_path / "target.txt").write_text("".join(f"{text}\n" for text in TARGET), "utf-8")
    dsir = {"target": [str(tmp_path / "target.txt")], "share": 0.5}
    root, base = finished.copy(tmp_path / "root"), tiny(list(finished.inputs))
    refused = changed(base, sampling=[{"name": "unlike", "dsir": {**dsir, "target": ["nowhere"]}}])
    with pytest.raises(RecipeError, match=r"hashed_ngrams(.|\n)*nowhere is no file"):
        run(spark, refused, root)
    found = []
    for share in (0.5, 0.25):
        recipe = changed(
            base,
            annotate={"signal_sets": ["hashed_ngrams"]},
            sampling=[{"name": "unlike", "dsir": {**dsir, "share": share}}],
            publish={"columns": ["steps"]},
        )
        run(spark, recipe, root)
        signals = {path: path.read_text("utf-8") for path in (root / "signals/_chunks").glob("*.json")}
        found.append((signals, [row for row in rows(root, "decisions/sampling") if row["outcome"] == "kept"]))
    (before, half), (after, quarter) = found
    assert before == after and len(half) > len(quarter) > 0 and abs(len(half) - 2 * len(quarter)) <= 1
    assert len(list((root / "sampling").glob("target-*.json"))) == 1  # counted once, whatever the share
    assert [row["steps"][0]["value"] is not None and row["steps"][0]["cut"] is not None for row in half] == [True] * len(half)
    product = {row["id"]: row["steps"] for row in rows(root, "corpus")}
    assert product == {row["id"]: row["steps"] for row in quarter}
    assert all(one["step"] == "unlike" and one["value"] > one["cut"] for steps in product.values() for one in steps)


def divergence(docs: list[dict[str, Any]]) -> float:
    """Return KL(target || docs) of the buckets' shares."""
    there, here = oracle.counted(measure(text).ngrams for text in TARGET), oracle.counted(d["hashed_ngrams"] for d in docs)
    return sum(
        oracle.share(there, bucket) * math.log((oracle.share(there, bucket) + 1e-8) / (oracle.share(here, bucket) + 1e-8))
        for bucket in there
    )


def test_a_target_is_counted_once_and_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"{text}\n" for text in TARGET), "utf-8")
    root, steps = Root(None, str(tmp_path / "root")), [step("like_ships", "dsir", {"target": [str(tmp_path)], "share": 0.1})]
    pinned = {"like_ships": [sha256_of(tmp_path / "a.txt")]}
    assert targets(root, "sampling", steps, pinned) == {"like_ships": target()}
    kept = f"sampling/{place_of(pinned['like_ships'])}"
    root.write_json(kept, {**(root.read_json(kept) or {}), "tokens": 7})
    assert targets(root, "sampling", steps, pinned)["like_ships"].tokens == 7
    with pytest.raises(TextFileError, match="changed while it was read"):
        targets(root, "sampling", steps, {"like_ships": ["another"]})


@pytest.mark.parametrize("content", ["", "\n\n", '{"text": null}\n{"text": " "}\n'])
def test_a_target_without_a_word_is_refused_since_nothing_could_be_like_it(tmp_path: Path, content: str) -> None:
    class Job:
        settings = (step("like_ships", "dsir", {"target": [str(tmp_path)], "share": 0.1}),)

    (tmp_path / "a.jsonl").write_text(content, "utf-8")
    with pytest.raises(TextFileError, match="has no text with a word in it"):
        target_files(Job())  # type: ignore[arg-type]
    (tmp_path / "b.txt").write_text("\na ship\n", "utf-8")
    assert target_files(Job()) == {"like_ships": sorted(map(sha256_of, tmp_path.iterdir()))}  # type: ignore[arg-type]


def test_texts_are_read_from_every_format_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "one\ntwo"}) + "\n\n" + json.dumps({"text": None}) + "\n", "utf-8")
    (tmp_path / "b.txt").write_text("three\nfour\n", "utf-8")
    (tmp_path / "c.csv").write_text("x", "utf-8")
    found = files_of([str(tmp_path)])
    assert [list(texts_of(file)) for file in found] == [["one\ntwo"], ["three", "four"]]
    for path in ("c.csv", "nothing"):
        with pytest.raises(TextFileError, match=path):
            files_of([str(tmp_path / path)])
    (tmp_path / "d.jsonl").write_text('{"body": "x"}\n', "utf-8")
    with pytest.raises(TextFileError, match=r"d\.jsonl has no column 'text'"):
        list(texts_of(tmp_path / "d.jsonl"))
    (tmp_path / "e.jsonl").write_text('["x"]\n', "utf-8")
    with pytest.raises(TextFileError, match=r"e\.jsonl has a line that is no object with a key 'text'"):
        list(texts_of(tmp_path / "e.jsonl"))
