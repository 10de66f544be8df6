"""What a document holds of evaluation sets is what plain loops find; frames, short questions and collisions."""

import random
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest

from tests.grams.reference import shares
from tests.least_time import least_seconds
from udfs.grams import build_index as build_index_module
from udfs.grams import shared_runs
from udfs.grams.build_index import build_index
from udfs.grams.gram_index import GramIndex
from udfs.grams.protected import Bounds, Item, Protected
from udfs.grams.shared_runs import held_texts

BOUNDS = Bounds(ngram=4, every=1, max_items=3, min_words=5, answer_within=6, min_share=0.3)
MILL = "The old mill by the river grinds corn for the whole village, every day of the year."


def index_of(*texts: str | tuple[str, str], settings: Bounds = BOUNDS) -> GramIndex:
    pairs = [text if isinstance(text, tuple) else (text, None) for text in texts]
    protected = [Protected(number, "q", text, answer) for number, (text, answer) in enumerate(pairs)]
    return build_index(protected, [Item("s", str(number)) for number in range(len(texts))], settings)


def held(document: str, index: GramIndex) -> dict[int, list[str]]:
    return {one.text: [document[span.start : span.end] for span in one.spans] for one in held_texts(document, index)}


@pytest.mark.parametrize("seed", range(12))
def test_shares_are_those_of_plain_loops(seed: int) -> None:
    draw = random.Random(seed)
    words = ["a", "b", "c", "d", "e", "f"][: draw.choice([2, 4, 6])]
    texts = [" ".join(draw.choices(words, k=draw.randint(4, 14))) for _ in range(draw.randint(1, 8))]
    protected = [Protected(number // 2, "q", text) for number, text in enumerate(texts)]
    items = [Item("s", str(number)) for number in range(len(texts))]
    settings = BOUNDS._replace(max_items=draw.choice([1, 3]), min_share=draw.choice([0.01, 0.3, 0.8]))
    index = build_index(protected, items, settings)
    for _ in range(15):
        document = " ".join(draw.choices(words, k=30)) + " - " + draw.choice(texts)
        expected = shares(document, protected, items=len(items), settings=settings)
        found = {one.text: one.share for one in held_texts(document, index)}
        assert found == pytest.approx(expected, abs=1e-5)


def test_a_copy_in_other_case_and_punctuation_is_found_at_its_place() -> None:
    document = "Once -- THE OLD MILL (by the river) grinds corn: for the whole village; every day of the year!? So."
    assert held(document, index_of(MILL)) == {
        0: ["THE OLD MILL (by the river) grinds corn: for the whole village; every day of the year"]
    }


def test_a_question_that_is_cut_in_two_is_found_by_both_halves_together() -> None:
    first, second = "the old mill by the river grinds corn", "for the whole village every day of the year"
    index = index_of(MILL, settings=BOUNDS._replace(min_share=0.9))
    assert held(f"{second} and then {first}", index) == {0: [second, first]}
    assert held(first, index) == {}


def test_a_frame_that_more_items_share_than_max_items_is_no_evidence_and_weighs_little() -> None:
    frame = "Choose the best answer to the following question"
    index = index_of(*(f"{frame}: item {number} is about the {name} of things" for number, name in enumerate("abcde")))
    assert held(frame, index) == {}
    assert list(held("item 3 is about the d of things", index)) == [3]
    assert index.weights_of(0)[0] < 0.2 < 0.9 < index.weights_of(0)[-1]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("Q: What grinds corn? A: a mill", True),
        ("what grinds corn\n\nAnswer: of course, A MILL.", True),
        ("what grinds corn a b c d e f a mill", True),  # the answer begins six words after the question
        ("what grinds corn a b c d e f g a mill", False),
        ("a mill. What grinds corn?", False),
        ("what grinds the corn? a mill", False),
        ("what grinds corn? a millstone", False),
        ("what grinds corn? a", False),
    ],
)
def test_a_short_question_is_found_whole_with_its_answer_behind_it(document: str, found: bool) -> None:
    assert (0 in held(document, index_of(("What grinds corn?", "a mill")))) is found


def test_a_short_question_of_an_item_without_an_answer_is_found_alone() -> None:
    index = index_of(("Who grinds?", ""), "What grinds corn?", settings=BOUNDS._replace(ngram=9, min_words=2))
    assert len(index.sought) == 0
    index = index_of(("What grinds the corn?", ""), settings=BOUNDS._replace(ngram=9, min_words=4))
    assert held("So, what grinds the corn?", index) == {0: ["what grinds the corn"]}


def test_a_question_that_is_too_short_with_its_answer_is_not_protected() -> None:
    index = index_of(("What is corn?", "x"), ("Corn?", "the seeds of a kind of grass"))
    assert held("what is corn x corn the seeds of a kind of grass", index) == {}
    assert not index.sought.any()


def test_equal_hashes_of_other_words_are_no_hit() -> None:
    index = index_of("one two three four five")
    other = index_of("one two three four five", "five four three two one")
    ids = other.ids_of(["five", "four", "three", "two", "one"])
    at, number, _ = other.seeds(ids)
    forged = replace(index, grams=np.sort(other.grams[number]))
    assert len(forged.seeds(ids)[0]) == len(at) == 2
    assert held("five four three two one", forged) == {}


@pytest.mark.parametrize("every", [2, 3, 7])
def test_every_kth_ngram_still_finds_runs_of_ngram_and_every_less_one_words(every: int) -> None:
    words = [f"w{number}" for number in range(40)]
    index = index_of(" ".join(words), settings=BOUNDS._replace(every=every, min_share=0.01))
    assert len(index.grams) <= 37 // every + 2
    size = BOUNDS.ngram + every - 1
    for start in range(len(words) - size + 1):
        run = " ".join(words[start : start + size])
        assert held(f"x {run} y", index) == {0: [run]}


def test_a_text_that_repeats_itself_costs_no_more_than_its_length() -> None:
    index = index_of("ha " * 200, settings=BOUNDS._replace(min_share=0.5))

    few, many = "ha " * 4_000, "ha " * 40_000
    assert len(held_texts(many, index)) == 1
    short, long = (least_seconds(lambda text: held_texts(text, index), text) for text in (few, many))
    assert long < 100 * short + 1


def test_a_page_of_a_passage_that_many_items_share_costs_no_more_than_its_length() -> None:
    passage = " ".join(f"w{number}" for number in range(300))
    index = index_of(*([passage] * 100), settings=BOUNDS._replace(max_items=100))
    calls = 0

    def counted(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        return run_of(*given)

    run_of = shared_runs._run_of
    with mock.patch.object(shared_runs, "_run_of", counted):
        assert len(held_texts(" ".join([passage] * 20), index)) == 100
    assert calls == 20 * 100


def test_the_index_is_the_same_if_its_texts_are_hashed_in_pieces() -> None:
    texts = [" ".join(f"w{number % 17}" for number in range(start, start + 30)) for start in range(9)]
    whole = index_of(*texts, ("Who grinds corn?", "the miller"))
    for piece in (1, 2, 7, 100, 279):
        with mock.patch.object(build_index_module, "_PIECE_WORDS", piece):
            again = index_of(*texts, ("Who grinds corn?", "the miller"))
        assert np.array_equal(again.grams, whole.grams)
        assert np.array_equal(again.texts, whole.texts) and np.array_equal(again.places, whole.places)


def test_what_a_worker_holds_is_more_than_what_it_is_sent() -> None:
    index = index_of(MILL)
    sieve = len(index.sieve._bytes)
    assert index.worker_bytes - index.nbytes - sieve == 131 * len(index.vocabulary)


def test_no_text_and_no_hit_are_nothing() -> None:
    index = index_of(MILL)
    assert held("", index) == held("mill", index) == held("nothing of all this stands in there at all", index) == {}
