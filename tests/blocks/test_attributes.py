"""Words of classes, against the plain way to find stems in them."""

import numpy as np

from udfs.blocks.attributes import FIRST, GROUPS, WORDS, ClassWords
from udfs.blocks.tokens import read_tokens


def groups_of(*classes: str) -> list[set[str]]:
    """Return the groups that the classes of one element each belong to."""
    tokens = read_tokens("".join(f'<div class="{one}"></div>' for one in classes).encode())
    opens = np.flatnonzero(tokens.step == 1)
    flags = ClassWords().flags(tokens, opens)[:, :WORDS]
    table = flags.astype("<u8").view(np.uint8)
    return [{name for (name, _), flag in zip(GROUPS, row, strict=True) if flag} for row in table.tolist()]


def plainly(word: str) -> set[str]:
    return {name for name, stems in GROUPS if any(stem in word for stem in stems.split())}


def test_a_stem_is_found_wherever_it_stands_in_a_word() -> None:
    stems = [stem for _, group in GROUPS for stem in group.split()]
    words = [
        f"{before}{stem}{after}" for stem in stems for before, after in (("", ""), ("x", "y"), ("", stem), ("nav", "card"))
    ]
    assert min(map(len, stems)) >= FIRST
    assert groups_of(*words) == [plainly(word) for word in words]


def test_an_element_without_words_of_a_group_has_none_and_ad_is_a_word_of_its_own() -> None:
    assert groups_of("", "to", "z-99", "ad", "ads", "lad") == [set(), set(), set(), {"advert"}, {"advert"}, set()]


def test_a_tag_too_short_for_an_attribute_has_an_empty_row() -> None:
    tokens = read_tokens(b'<p></p><p id="toc"></p>')
    found = ClassWords().flags(tokens, np.flatnonzero(tokens.step == 1))
    assert not found[0].any()
    assert found[1].any()


def test_an_element_has_the_same_row_whatever_was_seen_before() -> None:
    tokens = read_tokens(b'<div class="post-body x"></div><div class="x" id="post-body"></div><div class="post-body x"></div>')
    opens, words = np.flatnonzero(tokens.step == 1), ClassWords()
    first = words.flags(tokens, opens)
    assert (words.flags(tokens, opens) == first).all()
    assert (first[0] == first[2]).all()
