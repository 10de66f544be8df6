"""C4's lines: what goes, in which order it is asked, and that the edits write exactly what is left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.edits.edit import Edit, apply
from udfs.signals.c4 import SIGNALS, measure
from udfs.words.split import count_sentences

_KEPT = "Three words stay"


def _cleaned(text: str) -> str:
    return apply(text, measure(text)[1])


def _signals(text: str) -> dict[str, int | float | bool]:
    return measure(text)[0]


def test_a_page_by_hand() -> None:
    text = "Home\n\n  The cat sat.[1] It slept. \nWe use cookies to track you.\nIs it?[edit] Yes, so it is...\nThe end\n"
    signals, edits = measure(text)
    assert signals == {
        "c4_sentence_count": 4,
        "c4_lorem_ipsum": False,
        "c4_curly_bracket": False,
        "c4_lines_dropped": 3,
        "c4_terminal_line_ratio": 1 / 2,
    }
    assert apply(text, edits) == "The cat sat. It slept.\nIs it? Yes, so it is..."
    assert edits == (
        Edit(0, 8, "", "c4_lines"),
        Edit(20, 23, "", "c4_lines"),
        Edit(33, 64, "\n", "c4_lines"),
        Edit(70, 76, "", "c4_lines"),
        Edit(93, 102, "", "c4_lines"),
    )


def test_a_clean_page_has_no_edits() -> None:
    assert measure("A line with words.\nAnother line with words.")[1] == ()


@pytest.mark.parametrize(
    "line",
    ["two words", "needs JavaScript to run", "Read our Privacy Policy here", "This site uses cookies now", "a b " + "x" * 1001],
)
def test_a_line_that_c4_does_not_want_goes(line: str) -> None:
    text = f"{_KEPT}\n{line}\n{_KEPT}"
    assert (_cleaned(text), _signals(text)["c4_lines_dropped"]) == (f"{_KEPT}\n{_KEPT}", 1)


def test_a_word_of_a_thousand_characters_stays() -> None:
    assert _cleaned("a b " + "x" * 1000) == "a b " + "x" * 1000


def test_words_are_counted_before_citations_go() -> None:
    assert _cleaned(f"{_KEPT}\ntwo words [12]\n{_KEPT}") == f"{_KEPT}\ntwo words \n{_KEPT}"


@pytest.mark.parametrize("citation", ["[1]", "[]", "[edit]", "[citation needed]", "[٣]"])
def test_citations_go_from_lines_that_stay(citation: str) -> None:
    assert _cleaned(f"Known{citation} since long ago{citation}.") == "Known since long ago."


def test_white_space_that_citations_leave_goes_only_at_both_ends_of_the_page() -> None:
    assert _cleaned("[1] [2] [3]\n[4] Three words stay [5]\n[6] Here they stay [7]") == "Three words stay \n Here they stay"
    assert _cleaned("[1] [2] [3]") == ""


@pytest.mark.parametrize(
    ("line", "curly", "lorem"),
    [
        ("a { b", True, False),
        ("a {", False, False),  # dropped for few words before the bracket is looked for
        ("javascript function x() {", False, False),  # dropped for javascript before
        ("our privacy policy says {", True, False),  # the bracket is looked for before policies
        ("Some Lorem Ipsum text", False, True),
        ("lorem ipsum", False, False),
        ("javascript says lorem ipsum", False, True),  # lorem ipsum is looked for before javascript
        ("{ " + "x" * 1001 + " lorem ipsum", False, False),
    ],
)
def test_page_rules_ask_the_lines_in_the_order_of_the_source(line: str, curly: bool, lorem: bool) -> None:
    signals = _signals(f"{_KEPT}\n{line}")
    assert (signals["c4_curly_bracket"], signals["c4_lorem_ipsum"]) == (curly, lorem)


@pytest.mark.parametrize("text", ["", "\n\n", "x", " \t "])
def test_a_page_of_which_nothing_stays_becomes_empty(text: str) -> None:
    assert (_cleaned(text), _signals(text)["c4_sentence_count"]) == ("", 0)


def test_every_line_break_that_stays_becomes_a_plain_one() -> None:
    assert _cleaned(f"{_KEPT}\r\n{_KEPT}\u2028{_KEPT}\x0b\n {_KEPT}") == "\n".join([_KEPT] * 4)


def test_every_signal_is_measured_and_described_in_the_same_order() -> None:
    assert list(_signals("x")) == [signal.name for signal in SIGNALS]


def _rewritten_line_by_line(text: str) -> str:
    """Rewrite as the source does, on strings: the oracle of the edits."""
    kept = []
    for raw in text.splitlines():
        line = raw.strip()
        few = len(line.split()) < 3
        for citation in ("[1]", "[]", "[edit]"):
            line = line.replace(citation, "")
        if not few and "javascript" not in line.lower():
            kept.append(line)
    return "\n".join(kept).strip()


_BITS = st.sampled_from(
    ["word", "two words", "[1]", "[]", "[edit]", "JavaScript", " ", "\t", "\n", "\r\n", "\x85", "é.", "😀", "\n\n"]
)


@given(st.lists(_BITS, max_size=30).map("".join))
def test_edits_write_what_rewriting_line_by_line_writes(text: str) -> None:
    signals, edits = measure(text)
    assert apply(text, edits) == _rewritten_line_by_line(text)
    assert list(edits) == sorted(edits)
    assert all(left.end < right.start for left, right in pairwise(edits))
    assert signals["c4_sentence_count"] >= (apply(text, edits) != "")


def test_sentences_are_those_of_the_lines_that_stay() -> None:
    text = "One is here. Two is here.\nno no\nThree. Four five!"
    assert _signals(text)["c4_sentence_count"] == count_sentences("One is here. Two is here.") + 2 == 4


@pytest.mark.parametrize("text", ["\n" * 200_000, "a" * 200_000, "[" * 200_000, "[1]" * 60_000, "a b c\n" * 30_000])
def test_a_hostile_page_is_measured_and_rewritten(text: str) -> None:
    assert len(_cleaned(text)) <= len(text)


def test_lines_in_scripts_without_spaces_are_long_enough_by_their_characters() -> None:
    text = "水車は川の流れを力に変える。\n短い\n" + "石" * 1200 + "。"
    signals, edits = measure(text)
    assert (apply(text, edits), signals["c4_lines_dropped"]) == ("水車は川の流れを力に変える。\n" + "石" * 1200 + "。", 1)
