"""The three readings of Gopher's repetition rules on one small text, and DCLM's and Dolma's against their definitions, word by word."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from udfs.signals import gopher, gopher_dclm, gopher_dolma
from udfs.words.split import split_words

_WORDS = st.lists(st.sampled_from(["a", "bb", "ccc", "dddd"]), max_size=40)


def test_three_readings_of_one_page() -> None:
    text = "one two\n\none two\n\nthree"
    datatrove = gopher.repetition(text, split_words(text))
    dclm, dolma = gopher_dclm.repetition(text), gopher_dolma.repetition(text)
    assert (datatrove["dup_line_ratio"], dclm["dclm_dup_line_ratio"], dolma["dolma_dup_line_ratio"]) == (1 / 3, 2 / 3, 4 / 5)
    assert dolma["dolma_dup_filled_line_ratio"] == 2 / 3
    assert datatrove["dup_line_char_ratio"] == 7 / 23  # of the text
    assert dclm["dclm_dup_line_char_ratio"] == 14 / 19  # of the lines
    assert dolma["dolma_dup_line_char_ratio"] == 14 / 17  # of the words
    assert (datatrove["dup_paragraph_ratio"], dclm["dclm_dup_paragraph_ratio"]) == (1 / 3, 2 / 3)
    assert datatrove["top_2gram_char_ratio"] == 2 * 7 / 23  # the space counts
    assert (dclm["dclm_top_2gram_char_ratio"], dolma["dolma_top_2gram_char_ratio"]) == (12 / 17, 12 / 17)


def test_a_text_without_words_repeats_nothing() -> None:
    for text in ("", " \n", "…\n…"):
        assert {value for name, value in gopher_dclm.repetition(text).items() if "gram" in name} == {0.0}
    assert set(gopher_dclm.repetition("").values()) == set(gopher_dolma.repetition("").values()) == {0.0}


def test_every_signal_is_measured() -> None:
    assert sorted(gopher_dclm.repetition("")) == sorted(signal.name for signal in gopher_dclm.SIGNALS)
    assert sorted(gopher_dolma.repetition("")) == sorted(signal.name for signal in gopher_dolma.SIGNALS)


def test_of_equally_frequent_runs_dclm_takes_the_longest_and_dolma_the_first() -> None:
    text = "a b x a b y cc dd z cc dd"
    assert gopher_dclm.repetition(text)["dclm_top_2gram_char_ratio"] == 8 / 15
    assert gopher_dolma.repetition(text)["dolma_top_2gram_char_ratio"] == 4 / 15


def test_dclm_counts_no_run_that_occurs_once_and_dolma_the_first() -> None:
    assert gopher_dclm.repetition("a bb ccc")["dclm_top_2gram_char_ratio"] == 0
    assert gopher_dolma.repetition("a bb ccc")["dolma_top_2gram_char_ratio"] == 3 / 6


def _runs(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]


@given(_WORDS)
def test_dclm_counts_the_words_of_repeated_runs_once(words: list[str]) -> None:
    measured = gopher_dclm.repetition(" ".join(words))
    total = max(1, sum(map(len, words)))
    for n in range(2, 11):
        runs = _runs(words, n)
        times = Counter(runs)
        covered = {at + step for at, run in enumerate(runs) for step in range(n) if times[run] > 1}
        top = max((count * sum(map(len, run)) for run, count in times.items() if count == max(times.values())), default=0)
        if n <= 4:
            expected = top if times and max(times.values()) > 1 else 0
            assert measured[f"dclm_top_{n}gram_char_ratio"] == expected / total
        else:
            assert measured[f"dclm_dup_{n}gram_char_ratio"] == sum(len(words[at]) for at in covered) / total


@given(_WORDS)
def test_dolma_counts_the_words_of_repeated_runs_as_often_as_runs_hold_them(words: list[str]) -> None:
    measured = gopher_dolma.repetition(" ".join(words))
    for n in range(2, 11):
        times = Counter(_runs(words, n))
        sizes = {run: count * sum(map(len, run)) for run, count in times.items()}
        if n <= 4:
            top = sizes[times.most_common(1)[0][0]] if times else 0
            assert measured[f"dolma_top_{n}gram_char_ratio"] == top / max(1, sum(map(len, words)))
        else:
            repeated = sum(size for run, size in sizes.items() if times[run] > 1)
            assert measured[f"dolma_dup_{n}gram_char_ratio"] == repeated / max(1, sum(sizes.values()))
