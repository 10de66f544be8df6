"""FineWeb's four numbers on texts small enough to count by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.signals.fineweb import SIGNALS, measure
from udfs.words.split import split_words


def test_numbers_by_hand() -> None:
    text = "A line that ends well and is long.\nshort\n\nshort\nIs it 終。"
    words = split_words(text)
    assert len(words) == 8 + 1 + 2 + 4
    assert measure(text, words) == {
        "fineweb_terminal_line_ratio": 2 / 4,
        "fineweb_short_line_ratio": 3 / 4,
        "fineweb_dup_char_ratio": 5 / (34 + 5 + 5 + 8),
        "fineweb_newline_word_ratio": 4 / 15,
    }


@pytest.mark.parametrize(("length", "short"), [(30, 1.0), (31, 0.0)])
def test_a_line_of_thirty_characters_is_short(length: int, short: float) -> None:
    assert measure("x" * length, ["x" * length])["fineweb_short_line_ratio"] == short


def test_white_space_after_the_mark_hides_it() -> None:
    assert measure("The end. \nThe end.", split_words("The end. The end."))["fineweb_terminal_line_ratio"] == 1 / 2


@pytest.mark.parametrize("text", ["", " ", "\n \n"])
def test_a_text_of_blank_lines_has_no_terminal_line_so_that_its_rule_drops_it(text: str) -> None:
    assert set(measure(text, []).values()) == {0.0}


def test_every_signal_is_measured_and_described_in_the_same_order() -> None:
    assert list(measure("x", ["x"])) == [signal.name for signal in SIGNALS]


@given(st.text(alphabet="ab.。 \n\r\u2028\x00", max_size=60))
def test_every_text_measures_finite_shares(text: str) -> None:
    measured = measure(text, split_words(text))
    assert all(math.isfinite(value) and value >= 0 for value in measured.values())
    assert all(measured[signal.name] <= 1 for signal in SIGNALS if signal.unit.startswith("fraction"))
