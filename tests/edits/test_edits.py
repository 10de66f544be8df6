"""Edits: applied in any order, the first and longest of those that overlap."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.edits.edit import Edit, apply


def test_edits_replace_their_spans_of_the_original_text() -> None:
    edits = [Edit(8, 13, "earth", "ip"), Edit(0, 5, "bye", "email")]
    assert apply("hello - world!", edits) == "bye - earth!"


def test_offsets_count_code_points_not_bytes() -> None:
    assert apply("naïve 😀 face", [Edit(6, 8, "", "c4_lines")]) == "naïve face"


def test_an_edit_inside_another_is_void() -> None:
    assert apply("abcdef", [Edit(2, 3, "X", "email"), Edit(1, 5, "-", "c4_lines")]) == "a-f"


def test_of_two_that_overlap_the_one_that_starts_first_is_made() -> None:
    assert apply("abcdef", [Edit(2, 6, "LONG", "email"), Edit(1, 3, "-", "ip")]) == "a-def"


def test_of_two_that_start_together_the_longer_is_made() -> None:
    assert apply("abcdef", [Edit(1, 2, "short", "email"), Edit(1, 4, "-", "ip")]) == "a-ef"


def test_equal_spans_are_decided_by_kind_whatever_the_order() -> None:
    edits = [Edit(0, 1, "i", "ip"), Edit(0, 1, "e", "email")]
    assert [apply("xyz", edits), apply("xyz", edits[::-1])] == ["eyz", "eyz"]


def test_neighbours_do_not_overlap() -> None:
    assert apply("abcd", [Edit(0, 2, "1", "ip"), Edit(2, 4, "2", "ip")]) == "12"


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (3, 2), (0, 5)])
def test_an_edit_that_does_not_fit_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"does not fit a text of 4 characters.*run annotate again"):
        apply("abcd", [Edit(*span, "", "ip")])


_TEXT = st.text(alphabet="ab \n😀é", min_size=1, max_size=30)


@st.composite
def _text_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(_TEXT)
    starts = st.integers(0, len(text) - 1)
    spans = draw(st.lists(starts.flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text))))))
    return text, [Edit(start, end, draw(st.sampled_from(["", "X", "YZ"])), "email") for start, end in spans]


def _one_by_one(text: str, edits: list[Edit]) -> str:
    """Mark each character with the edit that owns it: the plainest way to say who wins."""
    owner: list[Edit | None] = [None] * len(text)
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.kind, edit.replacement)):
        if all(owner[place] is None for place in range(edit.start, edit.end)):
            owner[edit.start : edit.end] = [edit] * (edit.end - edit.start)
    return "".join(
        text[place] if edit is None else edit.replacement if edit.start == place else "" for place, edit in enumerate(owner)
    )


@given(_text_and_edits(), st.integers())
def test_any_order_gives_what_marking_each_character_gives(case: tuple[str, list[Edit]], seed: int) -> None:
    text, edits = case
    shuffled = random.Random(seed).sample(edits, len(edits))
    assert apply(text, shuffled) == apply(text, edits) == _one_by_one(text, edits)


@given(_TEXT)
def test_no_edits_leave_the_text(text: str) -> None:
    assert apply(text, []) == text
