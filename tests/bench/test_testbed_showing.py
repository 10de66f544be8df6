"""The showing says which pairs of its arms are judged wrongly, and shuffles words without losing any."""

from itertools import combinations
from typing import Any

from bench.testbed.showing import PAGES, SAME, SHUFFLED, shuffled_words, verdicts


def judgement(*, together: set[str]) -> dict[str, Any]:
    """Tell every pair apart but those within a group."""
    arms = (*SAME, PAGES, SHUFFLED)
    pairs = [{"better": a, "worse": b, "told_apart": not {a, b} <= together} for a, b in combinations(arms, 2)]
    return {"deciding": "text", "measures": [{"name": "other", "pairs": []}, {"name": "text", "pairs": pairs}]}


def test_a_pair_is_wrong_that_should_differ_and_does_not_or_the_other_way_round() -> None:
    assert [*verdicts(judgement(together=set(SAME)))] == []
    assert [*verdicts(judgement(together={*SAME, PAGES}))] == [f"{one} and pages are not told apart" for one in SAME]
    assert [*verdicts(judgement(together=set(SAME[:2])))] == [
        f"{one} and {SAME[2]} are one corpus and told apart" for one in SAME[:2]
    ]


def test_shuffled_words_are_the_same_words_in_the_same_order_each_time() -> None:
    text = " ".join(f"w{number}" for number in range(30))
    first, second = (next(shuffled_words(iter([text]))) for _ in range(2))
    assert first == second != text and sorted(first.split()) == sorted(text.split())
