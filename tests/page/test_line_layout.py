import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.page.line_layout import lay_out, words_of


def cut(text: str, model: str) -> tuple[str, int]:
    laid = lay_out(text, model)
    return laid.cut, laid.lines_cut


@pytest.mark.parametrize(
    ("text", "model", "laid"),
    [
        ("One line.\nAnother line.", "One line.\n\nAnother line.", "One line.\nAnother line."),
        (
            "A line broken\nin the source\nof the page.",
            "A line broken in the source of the page.",
            "A line broken in the source of the page.",
        ),
        ("| First one. “Second” one. |", "First one.\n\n“Second” one.", "First one.\n“Second” one."),
        ("| a | 1 |\n| b | 2 |", "a\t\t1\nb\t\t2", "| a | 1 |\n| b | 2 |"),
        ("Read (more) here", "Read\n(more) here", "Read\n(more) here"),
        ("- one\n- two", "  • one\n  • two", "- one\n- two"),
        ("Intro\n- one", "Intro one", "Intro\n- one"),
        ("for x in y:\n    print(x)", "for x in y:\n    print(x)", "for x in y:\n    print(x)"),
        ("Text\n---\nText", "Text\nText", "Text\n---\nText"),
        ("the end. The end", "The end\n\nthe end. The\nend", "the end. The\nend"),
        ("cafe\u0301 au lait", "café au\nlait", "cafe\u0301 au\nlait"),
    ],
)
def test_lines_are_broken_and_joined_as_the_model_has_them(text: str, model: str, laid: str) -> None:
    found = lay_out(text, model)
    assert (found.whole, found.cut, found.lines_cut) == (laid, laid, 0)


def test_lines_at_the_edges_that_the_model_lacks_are_cut_and_counted_and_those_between_stay() -> None:
    text = "Home\n---\nFirst.\nx = 1\nSecond.\nShare this!\nMore"
    found = lay_out(text, "First.\nSecond.")
    assert (found.whole, found.cut, found.lines_cut) == (text, "First.\nx = 1\nSecond.", 3)


def test_a_table_at_an_edge_stays() -> None:
    assert cut("Home\nFirst.\n| a | 1 |\nShare", "First.") == ("First.\n| a | 1 |", 2)


def test_lines_on_both_sides_of_one_that_stays_are_not_joined() -> None:
    assert cut("One\nnot there\ntwo", "One two") == ("One\nnot there\ntwo", 0)


def test_a_text_of_which_the_model_has_no_line_is_cut_whole() -> None:
    assert cut("One\n\ntwo", "three") == ("", 2)


LINES = st.lists(st.text("ab .-\n", max_size=12), max_size=8).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(text=LINES, model=LINES)
def test_no_word_is_added_moved_or_lost_but_at_the_edges(text: str, model: str) -> None:
    laid = lay_out(text, model)
    worded = [words_of(line) for line in text.split("\n") if words_of(line)]
    there = [place for place, words in enumerate(worded) if words in words_of(model)]
    inside = worded[there[0] : there[-1] + 1] if there else []
    assert words_of(laid.whole) == words_of(text)
    assert words_of(laid.cut) == "".join(inside)
    assert laid.lines_cut == len(worded) - len(inside)


@settings(max_examples=100, deadline=None)
@given(text=LINES)
def test_a_text_laid_out_as_itself_keeps_its_words_and_loses_no_line(text: str) -> None:
    laid = lay_out(text, text)
    assert (words_of(laid.cut), laid.lines_cut) == (words_of(text), 0)
