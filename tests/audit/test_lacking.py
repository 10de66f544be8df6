"""What a text has that another lacks: against a definition by brute force, and in linear time."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.audit.lacking import RUN, lacking, runs_of, words_of
from udfs.audit.pairs import MOST_RUNS, SHOWN_CHARACTERS, compare_pairs, compared, shown

SENTENCE = "the ferry leaves the northern harbour at nine every morning except on sundays"
texts = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=40).map(" ".join)


def lacked(mine: str, theirs: str) -> list[str]:
    words = words_of(mine)
    marks, _ = lacking(words, words_of(theirs))
    return [word.key for word, mark in zip(words, marks, strict=True) if mark]


@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        (SENTENCE, SENTENCE, []),
        (SENTENCE, SENTENCE.upper().replace(" ", ", "), []),  # case and marks do not count
        (SENTENCE.replace("nine", "ten"), SENTENCE, ["ten"]),
        (SENTENCE, SENTENCE.replace("nine ", ""), ["nine"]),
        (f"{SENTENCE}\n{SENTENCE}", SENTENCE, []),  # a passage that stands twice
        (f"{SENTENCE} and on holidays", SENTENCE, ["and", "on", "holidays"]),
        ("news of today", "", ["news", "of", "today"]),
        ("", SENTENCE, []),
        ("one two", "two one", []),  # too short for a run that both have
        ("渡し船は九時に出る", "渡し船は十時に出る", ["九"]),
    ],
)
def test_what_a_text_has_that_another_lacks(mine: str, theirs: str, found: list[str]) -> None:
    assert lacked(mine, theirs) == found


@given(mine=texts, theirs=texts)
def test_it_is_what_the_definition_says(mine: str, theirs: str) -> None:
    assert lacked(mine, theirs) == by_definition(mine.split(), theirs.split())


def by_definition(mine: list[str], theirs: list[str]) -> list[str]:
    """Look for each word's runs in the other text, one after another."""
    width = max(1, min(RUN, len(mine), len(theirs)))

    def runs(words: list[str]) -> list[list[str]]:
        return [words[at : at + width] for at in range(len(words) - width + 1)]

    def outside(words: list[str], others: list[list[str]]) -> list[str]:
        return [
            word
            for place, word in enumerate(words)
            if not any(at <= place < at + width and run in others for at, run in enumerate(runs(words)))
        ]

    there = Counter(outside(theirs, runs(mine)))
    found = []
    for word in outside(mine, runs(theirs)):
        if there[word] > 0:
            there[word] -= 1
        else:
            found.append(word)
    return found


@given(mine=texts, before=texts, after=texts)
def test_a_text_that_lies_whole_in_another_lacks_nothing(mine: str, before: str, after: str) -> None:
    assert lacked(mine, f"{before} {mine} {after}") == []


@given(mine=st.text(max_size=200), theirs=st.text(max_size=200))
def test_the_stretches_are_the_text_and_each_word_that_the_other_has_nowhere_is_marked(mine: str, theirs: str) -> None:
    words, others = words_of(mine), {word.key for word in words_of(theirs)}
    marks, _ = lacking(words, words_of(theirs))
    assert "".join(run for run, _ in runs_of(mine, words, marks)) == mine
    assert [mark for word, mark in zip(words, marks, strict=True) if word.key not in others and not mark] == []


@given(runs=st.lists(st.tuples(st.text(max_size=5_000), st.booleans()), max_size=100))
def test_what_is_shown_of_a_text_is_bounded(runs: list[tuple[str, bool]]) -> None:
    found = shown(runs)
    assert len(found) <= MOST_RUNS + 1 and sum(len(text) for text, _ in found) <= SHOWN_CHARACTERS + len(" […]")


@pytest.mark.parametrize("words", ["a " * 20_000, "".join(f"w{n} " for n in range(20_000)), "a b " * 10_000])
def test_four_times_the_words_take_about_four_times_as_long(words: str) -> None:
    short, long = (least_seconds(lambda text: compared(text, text[::-1]), words * times) for times in (1, 4))
    assert long < 12 * short


def test_words_of_lines_that_end_as_a_sentence_are_prose() -> None:
    found = compared('Home\nAbout us\nThe ferry leaves at nine. ("Daily.")\n出る。', "The ferry leaves at nine.")
    assert [found[f"removed_{name}"] for name in ("words", "lacked", "prose", "lacked_prose")] == [11, 6, 8, 3]
    assert [found[f"kept_{name}"] for name in ("words", "lacked", "prose", "lacked_prose")] == [5, 0, 5, 0]
    assert found["removed_runs"][0] == {"text": "Home\nAbout us", "lacked": True}


def test_a_pair_that_raises_has_its_error_and_texts_are_compared_as_their_edits_leave_them() -> None:
    import pyarrow as pa

    edit = {"start": 4, "end": 8, "replacement": "", "kind": "c4_lines"}
    rows = [
        {"pair": 0, "removed_text": "one two", "removed_edits": [], "kept_text": "one six two", "kept_edits": [edit]},
        {"pair": 1, "removed_text": "one", "removed_edits": [], "kept_text": None, "kept_edits": [edit]},
    ]
    first, second = next(compare_pairs([pa.RecordBatch.from_pylist(rows)])).to_pylist()
    assert (first["error"], first["removed_lacked"], first["kept_words"]) == (None, 0, 2)
    assert second["pair"] == 1 and second["removed_words"] is None and "TypeError" in second["error"]
