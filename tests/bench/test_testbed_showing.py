"""The showing says which pairs of its arms are judged wrongly, and shuffles words without losing any."""

from itertools import combinations
from typing import Any

from bench.testbed.showing import PAGES, SAME, SPOILED, shuffled_letters, shuffled_words, verdicts


def judgement(*, together: set[str], arms: tuple[str, ...] = (*SAME, PAGES, *SPOILED)) -> dict[str, Any]:
    """Tell every pair apart but those within a group; `arms` are the best first."""
    pairs = [{"better": a, "worse": b, "told_apart": not {a, b} <= together} for a, b in combinations(arms, 2)]
    return {"deciding": "text", "measures": [{"name": "other", "pairs": []}, {"name": "text", "pairs": pairs}]}


def test_a_pair_is_wrong_that_should_differ_and_does_not_or_the_other_way_round() -> None:
    assert [*verdicts(judgement(together=set(SAME)))] == []
    assert [*verdicts(judgement(together={*SAME, PAGES}))] == [f"{one} and pages are not told apart" for one in SAME]
    assert [*verdicts(judgement(together=set()))] == [f"{SAME[0]} and {SAME[1]} are one corpus and told apart"]


def test_what_was_shuffled_must_not_be_better_than_its_corpus() -> None:
    first = judgement(together=set(SAME), arms=("shuffled", PAGES, *SAME, "letters"))
    assert [*verdicts(first)] == [f"shuffled words are better than {one}, whose words they are" for one in SAME]
    first = judgement(together=set(SAME), arms=("letters", *SAME, "shuffled", PAGES))
    assert [*verdicts(first)] == [f"shuffled letters are better than {one}, whose letters they are" for one in SAME]


def test_shuffled_words_are_the_same_words_in_the_same_order_each_time() -> None:
    text = " ".join(f"w{number}" for number in range(30))
    first, second = (next(shuffled_words(iter([text]))) for _ in range(2))
    assert first == second != text and sorted(first.split()) == sorted(text.split())


def test_shuffled_letters_stay_in_their_words() -> None:
    text = "every word keeps its letters"
    first, second = (next(shuffled_letters(iter([text]))) for _ in range(2))
    assert first == second != text and [sorted(word) for word in first.split()] == [sorted(word) for word in text.split()]
