"""C4 as its reference code has it: lines need an end mark and five words, pages three sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.edits.edit import apply
from udfs.signals import c4
from udfs.signals.c4_reference import measure
from udfs.signals.kept_lines import edits_for, without_citations

KEPT = "The mill stands at the river."


def cleaned(text: str) -> str:
    return apply(text, measure(text)[1])


def test_a_page_by_hand() -> None:
    text = f'Home\n\n  {KEPT}[1] It grinds corn. \nNo end mark at this line\nToo few words.\nHe said: "It turns all day."\n'
    signals, edits = measure(text)
    assert signals == {
        "c4_reference_character_count": len(text),
        "c4_reference_sentence_count": 3,
        "c4_reference_lorem_ipsum": False,
        "c4_reference_curly_bracket": False,
        "c4_reference_lines_dropped": 3,
    }
    assert apply(text, edits) == f'{KEPT} It grinds corn.\nHe said: "It turns all day."'
    assert {edit.kind for edit in edits} == {"c4_reference_lines"}


@pytest.mark.parametrize(
    "line",
    [
        "These are five words without end",
        "Only four words here.",
        "A line that goes on and on...",
        "Please turn on JavaScript to see it.",
        "Read our Privacy Policy before you go.",
        "A line of five words and " + "x" * 1001 + ".",
        "A line whose mark is before a citation. [1]",
        "A line that ends in a single quote.'",
    ],
)
def test_a_line_that_c4_does_not_want_goes(line: str) -> None:
    text = f"{KEPT}\n{line}\n{KEPT}"
    assert (cleaned(text), measure(text)[0]["c4_reference_lines_dropped"]) == (f"{KEPT}\n{KEPT}", 1)


def test_only_a_line_that_would_stay_gives_a_page_up() -> None:
    def given_up(line: str) -> tuple[object, object]:
        signals = measure(f"{KEPT}\n{line}")[0]
        return signals["c4_reference_lorem_ipsum"], signals["c4_reference_curly_bracket"]

    assert given_up("Lorem ipsum dolor sit amet.") == (True, False)
    assert given_up("Lorem ipsum dolor sit amet") == (False, False)
    assert given_up("function f() { return 1 } and more.") == (False, True)
    assert given_up("javascript: function f() { return 1 }.") == (False, False)


def test_a_text_without_lines_has_no_sentence_and_no_edit() -> None:
    assert measure("") == (
        {
            "c4_reference_character_count": 0,
            "c4_reference_sentence_count": 0,
            "c4_reference_lorem_ipsum": False,
            "c4_reference_curly_bracket": False,
            "c4_reference_lines_dropped": 0,
        },
        (),
    )


@given(st.lists(st.sampled_from([KEPT, f" {KEPT} ", "Home", "[1]", "", "Is it so, or is it not?[edit]", "{ a b c d. }", "\t"])))
def test_what_c4_keeps_is_a_part_of_what_finewebs_reading_keeps_and_is_left_alone_the_second_time(lines: list[str]) -> None:
    once = cleaned("\n".join(lines))
    assert cleaned(once) == once
    assert set(once.split("\n")) <= {*apply("\n".join(lines), c4.measure("\n".join(lines))[1]).split("\n"), ""}


def test_white_space_between_citations_at_the_ends_goes_in_linear_time() -> None:
    def edited(text: str) -> str:
        return apply(text, tuple(edits_for(text, [without_citations(text, 0)], kind="k")))

    few, many = ("[1] " * citations + "A mill." + " [1]" * citations for citations in (10_000, 100_000))
    assert edited(few) == edited(many) == "A mill."
    assert least_seconds(edited, many) < 40 * max(least_seconds(edited, few), 0.01)  # a quadratic step would cost a hundred
