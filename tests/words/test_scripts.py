import re
import sys
import unicodedata

import pytest
import regex

from udfs.page.gate import _count_words
from udfs.similarity.minhash import units
from udfs.words import scripts
from udfs.words.split import split_words
from udfs.words.white_space import WHITE_SPACE

KNOWN = [
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs")
]  # to this Python; `regex` may know more


def test_code_points_and_names_are_the_same_characters() -> None:
    by_name, by_code = regex.compile(f"[{scripts.NAMES}]"), re.compile(f"[{scripts.EVERYWHERE}]")
    assert [c for c in KNOWN if bool(by_name.match(c)) != bool(by_code.match(c))] == []


def test_the_pattern_for_a_text_is_right_for_its_plane() -> None:
    by_code = re.compile(f"[{scripts.EVERYWHERE}]")
    assert [c for c in KNOWN if bool(scripts.unspaced(c).match(c)) != bool(by_code.match(c))] == []
    assert scripts.unspaced("水 \U00020000").findall("水 \U00020000x") == ["水", "\U00020000"]


def test_white_space_is_the_property_of_that_name() -> None:
    assert sorted(WHITE_SPACE) == [c for c in KNOWN if regex.match(r"\p{White_Space}", c)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("plain words", 2),
        ("水車 IBM", 3),
        ("𠀋々〇", 3),
        ("ｶﾀｶﾅ", 4),
        ("กขค", 3),
        ("ꧠ ꩠꩡ", 3),
        ("Crème brûlée", 2),
    ],
)
def test_the_gate_the_shingles_and_the_words_count_alike(text: str, count: int) -> None:
    assert (_count_words(text), len(units(text.lower())), len(split_words(text))) == (count, count, count)


@pytest.mark.parametrize(("text", "count"), [("የሰው፡ልጅ፡ነው ሰው ፡ ልጅ", 5), ("བོད་ཡིག", 2)])
def test_the_gate_and_the_words_know_marks_in_place_of_spaces(text: str, count: int) -> None:
    assert (_count_words(text), len(split_words(text))) == (count, count)
