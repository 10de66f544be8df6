"""Shares of the map: all of a small corpus, in proportion of a large one, and never so few that a rare reason is not seen."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.explorer.strata import SPACE, Stratum, quotas

LARGE = {
    ("kept", "kept", ""): 2_000_000_000,
    ("filter", "dropped", "few_words"): 999_999_900,
    ("extract", "failed", "timeout"): 100,
}


def test_a_small_corpus_is_shown_whole() -> None:
    assert quotas({("kept", "kept", ""): 3, ("filter", "dropped", "few_words"): 5}, 100) == (
        Stratum("filter", "dropped", "few_words", 5, 5),
        Stratum("kept", "kept", "", 3, 3),
    )


def test_a_rare_reason_of_a_large_corpus_is_seen() -> None:
    kept, words, timeout = quotas(LARGE, 100_000)
    assert timeout.shown == 100
    assert 66_000 < kept.shown < 67_000 and 33_000 < words.shown < 34_000
    assert kept.shown + words.shown + timeout.shown <= 100_000
    assert timeout.bound == SPACE and kept.bound < SPACE // 20_000


@given(st.dictionaries(st.integers(), st.integers(0, 10**10), max_size=60), st.integers(100, 5_000))
def test_shares_are_bounded_by_counts_and_by_points(counts: dict[int, int], points: int) -> None:
    found = quotas({("filter", "dropped", str(name)): count for name, count in counts.items()}, points)
    assert sum(one.shown for one in found) <= points
    assert all(0 < one.shown <= one.count for one in found)
    assert len(found) == sum(1 for count in counts.values() if count)
