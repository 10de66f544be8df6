import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.least_time import least_seconds
from udfs.page.line_layout import lay_out, words_of


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
        ("| 1 | One. Two. |\n|---|---|\n| 2 | Three. |", "1\nOne.\n\nTwo.\n2\nThree.", "1\nOne.\nTwo.\n2\nThree."),
        ("| a | 1 |\n|---|---|\n| b | 2 |", "a\t\t1\nb\t\t2", "| a | 1 |\n|---|---|\n| b | 2 |"),
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
    assert lay_out(text, model) == laid


def test_decomposed_hangul_is_broken_between_paragraphs_and_not_inside_syllables() -> None:
    paragraphs = ["늙은 빵집 주인은 문을 열었다.", "아이들은 빵을 사러 왔다.", "그는 이름을 모두 알았다."]
    decomposed = [unicodedata.normalize("NFD", paragraph) for paragraph in paragraphs]
    for model in (paragraphs, decomposed):
        assert lay_out(" ".join(decomposed), "\n".join(model)) == "\n".join(decomposed)


def test_lines_that_the_model_lacks_stay() -> None:
    text = "Home\n---\nFirst.\nx = 1\nSecond.\nShare this!\nMore"
    assert lay_out(text, "First.\nSecond.") == text
    assert lay_out("Home\nFirst.\n| a | 1 |\nShare", "First.") == "Home\nFirst.\n| a | 1 |\nShare"
    assert lay_out("One\n\ntwo", "three") == "One\n\ntwo"


def test_lines_on_both_sides_of_one_that_stays_are_not_joined() -> None:
    assert lay_out("One\nnot there\ntwo", "One two") == "One\nnot there\ntwo"


LINES = st.lists(st.text("ab .-\n", max_size=12), max_size=8).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(text=LINES, model=LINES)
def test_no_word_is_added_moved_or_lost(text: str, model: str) -> None:
    assert words_of(lay_out(text, model)) == words_of(text)


@settings(max_examples=100, deadline=None)
@given(text=LINES)
def test_a_text_laid_out_as_itself_keeps_its_words(text: str) -> None:
    assert words_of(lay_out(text, text)) == words_of(text)


def test_a_run_of_marks_is_laid_out_in_linear_time() -> None:
    short, long = (least_seconds(lambda text: lay_out(text, text), "a" + "\u0301\u0323" * count) for count in (4_000, 16_000))
    assert long < 8 * short + 0.5  # a sort by insertion takes 16 times as long
