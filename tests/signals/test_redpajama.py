"""RedPajama-V2's signals by hand, and its repetition against plain loops."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.signals.redpajama import DUP_NGRAMS, SIGNALS, TOP_NGRAMS, measure

TEXT = "The mill, the MILL... turns.\n• It's a javascript {mill}!\nROUND 12 and round…\n"


def test_a_text_by_hand() -> None:
    # normalised: the mill the mill turns • its a javascript mill round 12 and round…
    found = measure(TEXT, bad_words={"mill", "the mill"}, stop_words={"the", "a"})
    expected = {
        "rps_doc_ldnoobw_words": 3 + 2,
        "rps_doc_lorem_ipsum": 0.0,
        "rps_doc_curly_bracket": 2 / len(TEXT),
        # The mill , the MILL ... turns . • It ' s a javascript { mill }! ROUND 12 and round …
        "rps_doc_stop_word_fraction": 2 / 22,
        "rps_doc_num_sentences": 4,
        "rps_doc_word_count": 14,
        "rps_doc_mean_word_length": 54 / 14,
        "rps_doc_symbol_to_word_ratio": 2 / 22,
        "rps_doc_frac_lines_end_with_ellipsis": 1 / 3,
        "rps_doc_frac_no_alph_words": 1 - 13 / 22,
        "rps_doc_frac_unique_words": 11 / 14,
        "rps_doc_unigram_entropy": pytest.approx(2.30462, abs=1e-5),
        "rps_doc_frac_all_caps_words": 2 / 22,
        "rps_doc_frac_chars_top_2gram": 2 * 7 / 54,
        "rps_doc_frac_chars_top_3gram": 0.0,
        "rps_doc_frac_chars_top_4gram": 0.0,
        **{f"rps_doc_frac_chars_dupe_{n}grams": 0.0 for n in DUP_NGRAMS},
        "rps_lines_javascript_counts": 1 / 3,
        "rps_lines_ending_with_terminal_punctution_mark": 2 / 3,
        "rps_lines_num_words": 14 / 3,
        "rps_lines_uppercase_letter_fraction": pytest.approx((5 / 29 + 1 / 28 + 5 / 20) / 3),
        "rps_lines_numerical_chars_fraction": pytest.approx((2 / 19) / 3),
        "rps_lines_start_with_bulletpoint": 1 / 3,
    }
    assert found == expected
    assert set(found) == {signal.name for signal in SIGNALS}


def test_a_text_of_nothing_has_no_means_and_no_signal_of_lists_that_are_not_there() -> None:
    found = measure("")
    zeros = {name for name, value in found.items() if value == 0}
    assert zeros == {
        "rps_doc_lorem_ipsum",
        "rps_doc_curly_bracket",
        "rps_doc_num_sentences",
        "rps_doc_word_count",
        *(f"rps_doc_frac_chars_top_{n}gram" for n in TOP_NGRAMS),
        *(f"rps_doc_frac_chars_dupe_{n}grams" for n in DUP_NGRAMS),
    }
    assert {found[name] for name in set(found) - zeros} == {None}


def plainly(words: list[str], n: int) -> tuple[float, float]:
    """Return the shares of the most frequent and of the repeated runs of n words, by dictionaries of tuples."""
    runs = [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]
    counts, total = Counter(runs), sum(map(len, words))
    run, times = counts.most_common(1)[0] if runs else ((), 0)
    covered = {at + step for at, run in enumerate(runs) if counts[run] > 1 for step in range(n)}
    return (times * sum(map(len, run)) / total if times > 1 else 0.0), (
        sum(len(words[at]) for at in covered) / total if runs else 0.0
    )


@given(st.lists(st.sampled_from(["mill", "a", "the", "wheel"]), min_size=1, max_size=60))
def test_runs_are_those_of_plain_loops(words: list[str]) -> None:
    found = measure(" ".join(words))
    for n in TOP_NGRAMS:
        assert found[f"rps_doc_frac_chars_top_{n}gram"] == pytest.approx(plainly(words, n)[0])
    for n in DUP_NGRAMS:
        assert found[f"rps_doc_frac_chars_dupe_{n}grams"] == pytest.approx(plainly(words, n)[1])
