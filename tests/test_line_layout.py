import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.line_layout import Layout, _words, lay_out


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
        ("---\nText", "Text", "---\nText"),
        ("the end. The end", "The end\n\nthe end. The\nend", "the end. The\nend"),
        ("cafe\u0301 au lait", "café au\nlait", "cafe\u0301 au\nlait"),
    ],
)
def test_lines_are_broken_and_joined_as_the_model_has_them(text: str, model: str, laid: str) -> None:
    assert lay_out(text, model) == Layout(laid, 0)


def test_a_line_that_the_model_lacks_is_cut_and_counted() -> None:
    assert lay_out("Kept.\nShare this!\nKept too.", "Kept.\nKept too.") == Layout("Kept.\nKept too.", 1)


def test_lines_on_both_sides_of_a_cut_one_are_not_joined() -> None:
    assert lay_out("One\nnot there\ntwo", "One and two") == Layout("One\ntwo", 1)


LINES = st.lists(st.text("ab .|-\n", max_size=12), max_size=8).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(text=LINES, model=LINES)
def test_no_word_is_added_moved_or_lost_but_in_cut_lines(text: str, model: str) -> None:
    laid = lay_out(text, model)
    kept = [line for line in text.split("\n") if _words(line) in _words(model)]
    assert _words(laid.text) == "".join(map(_words, kept))
    assert laid.lines_cut == len(text.split("\n")) - len(kept)


@settings(max_examples=100, deadline=None)
@given(text=LINES)
def test_a_text_laid_out_as_itself_keeps_its_words_and_loses_no_line(text: str) -> None:
    laid = lay_out(text, text)
    assert (_words(laid.text), laid.lines_cut) == (_words(text), 0)
