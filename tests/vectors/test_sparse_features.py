"""Features of the fast embedder against the same by plain Python, letter by letter."""

import math
import unicodedata
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from udfs.vectors import sparse_features
from udfs.vectors.sparse_features import BITS, GRAMS, features

MASK = (1 << 64) - 1
ALONE = sparse_features._UNSPACED


def mixed(value: int, salt: int) -> int:
    value = (value ^ (salt * sparse_features._BASE & MASK)) * int(sparse_features._MIX) & MASK
    value ^= value >> 31
    return value * int(sparse_features._MIX) & MASK


def hashed(run: str) -> int:
    return sum((ord(char) + 1) * pow(sparse_features._BASE, at, 1 << 64) for at, char in enumerate(run)) & MASK


def cut(text: str) -> str:
    """Return the text in lower case with one space for all that is no letter, mark or digit, and one at each end."""
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text.lower())
    return f" {' '.join(kept.split())} "


def words_of(line: str) -> list[str]:
    for first, last in ALONE:
        line = "".join(f" {char} " if first <= ord(char) <= last else char for char in line)
    return line.split()


def by_hand(text: str) -> dict[int, float]:
    line = cut(text)
    words = words_of(line)
    found = [mixed(hashed(word), 1) for word in words]
    found += [mixed(hashed(one) * 3 & MASK ^ mixed(hashed(two), 2), 2) for one, two in pairwise(words)]
    for n in GRAMS:
        runs = [line[at : at + n] for at in range(len(line) - n + 1)]
        found += [mixed(hashed(run), n) for run in runs if " " not in run[1:-1]]
    counts = Counter(one >> (64 - BITS) for one in found)
    return {place: 1 + math.log(times) for place, times in sorted(counts.items())}


@pytest.mark.parametrize(
    "text",
    [
        "The mill grinds the grain; the miller sleeps.",
        "  Größe, naïve -- ÀÉÎ\n\t٣ items ",
        "漢字かな交じり文 and English 한국어 ไทย",
        "a",
        "x" * 40 + " y",
        "tea tea tea tea",
        "नमस्ते दुनिया",
        "emoji 😀 between",
        "tea" + "-" * 2000 + "time",
    ],
)
def test_the_features_are_those_found_by_hand(text: str) -> None:
    places, values = features(text, max_tokens=256)
    found = dict(zip(places.tolist(), values.tolist(), strict=True))
    assert found == pytest.approx(by_hand(text), rel=1e-6) and list(found) == list(by_hand(text))
    assert [places.dtype.name, values.dtype.name] == ["int64", "float32"]


@pytest.mark.parametrize("text", ["", " ", "\n-- !!", "😀"])
def test_a_text_without_letters_has_no_feature(text: str) -> None:
    assert [len(one) for one in features(text, max_tokens=256)] == [0, 0]


def test_only_the_beginning_is_read_and_its_length_is_that_of_word_pieces() -> None:
    """Some four letters of English make a piece; a Chinese sign is one."""
    english, chinese = "grain " * 1000, "漢字" * 1000
    assert features(english, max_tokens=256)[1].max() == pytest.approx(1 + math.log(200), abs=0.1)
    assert features(chinese, max_tokens=256)[1].max() == pytest.approx(1 + math.log(128), abs=0.1)
    longer, same = features(english + "another", max_tokens=256), features(english, max_tokens=256)
    assert np.array_equal(longer[0], same[0]) and np.array_equal(longer[1], same[1])
