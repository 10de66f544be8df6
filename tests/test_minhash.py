import re
import unicodedata

import numpy as np
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from udfs.minhash import jaccard, normalise, shingle_hashes, signature, text_hash, units


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("", ""),
        (" \n", ""),
        ("?!…", ""),
        ("The  Mill,\nat the River.", "the mill at the river"),
        ("Crème Brûlée", "creme brulee"),
        ("in 1984, 3.14 and 1,000,000", "in 0 0 and 0 0"),
        ("١٩٨٤", "0"),
        ("snake_case $5 +1", "snake case 0 0"),
        ("co\u00adop\u200bera\u200dtion", "cooperation"),
        ("a\u00a0b\u2028c\x00d", "a b c d"),
        ("ΑΣ ΌΡΟΣ", "ας ορος"),
    ],
)
def test_texts_are_compared_by_lower_case_words_and_zeros(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


def _normalised_by_category(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    kept = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))
    numbers = re.sub(r"\d+(?:[.,\u060c\u066b]\d+)?", "0", kept)
    return " ".join("".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in numbers).split())


@given(st.text(st.characters(max_codepoint=0x1FFF) | st.sampled_from("aB1.,'_ \n“”‘’–—…•·\xa0\xad€é漢"), max_size=40))
def test_texts_normalise_as_the_category_of_each_character_says(text: str) -> None:
    assert normalise(text) == _normalised_by_category(text)


@pytest.mark.parametrize(
    ("normalised", "expected"),
    [
        ("", []),
        ("a bc d", ["a", "bc", "d"]),
        ("水車小屋", ["水", "車", "小", "屋"]),
        ("ibmと日本", ["ibm", "と", "日", "本"]),
        ("กขค 0", ["ก", "ข", "ค", "0"]),
        ("привет мир", ["привет", "мир"]),
        ("\U00020000a", ["\U00020000", "a"]),
    ],
)
def test_units_are_words_but_characters_where_no_spaces_are_written(normalised: str, expected: list[str]) -> None:
    assert units(normalised) == expected


def test_shingles_are_hashes_of_consecutive_words() -> None:
    expected = sorted({xxhash.xxh3_64_intdigest(s) for s in (b"a b c", b"b c a", b"c a b", b"a b d")})
    assert shingle_hashes("A b, c a b c a b d", 3).tolist() == expected


def test_a_document_shorter_than_a_shingle_is_one_shingle() -> None:
    assert shingle_hashes("Two words", 5).tolist() == [xxhash.xxh3_64_intdigest(b"two words")]


@pytest.mark.parametrize("text", ["", " ", "!!!", "\u200b"])
def test_a_document_without_letters_and_digits_has_no_shingle_and_no_signature(text: str) -> None:
    hashes = shingle_hashes(text, 5)
    assert (hashes.dtype, len(hashes)) == (np.dtype(np.uint64), 0)
    assert signature(hashes, 112, 1) is None


@given(st.text(alphabet="ab é水1.", max_size=40), st.integers(min_value=1, max_value=4))
def test_shingles_equal_those_joined_one_by_one(text: str, ngram: int) -> None:
    words = units(normalise(text))
    joined = {" ".join(words[i : i + ngram]) for i in range(max(1, len(words) - ngram + 1))} if words else set()
    assert shingle_hashes(text, ngram).tolist() == sorted(xxhash.xxh3_64_intdigest(s.encode()) for s in joined)


@pytest.mark.parametrize("count", [1, 5, 1023, 1024, 1025, 3000])
@pytest.mark.parametrize(("num_perm", "seed"), [(112, 1), (16, 7)])
def test_a_signature_is_datasketchs_own(count: int, num_perm: int, seed: int) -> None:
    hashes = np.unique(np.random.default_rng(count).integers(0, 2**64, count, dtype=np.uint64, endpoint=False))
    oracle = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda value: value)
    oracle.update_batch([(value & 0xFFFFFFFF) ^ (value >> 32) for value in hashes.tolist()])
    assert signature(hashes, num_perm, seed) == oracle.hashvalues.astype("<u4").tobytes()


def test_a_signature_is_the_same_on_every_machine() -> None:
    made = signature(shingle_hashes("the mill at the river turns all year", 5), 4, 1)
    assert made is not None
    assert np.frombuffer(made, dtype="<u4").tolist() == [1031028535, 200363487, 2761327008, 1407053119]


def test_texts_that_normalise_alike_have_one_signature() -> None:
    left = signature(shingle_hashes("In 1984 the Mill,\nat the river: turned!", 5), 112, 1)
    right = signature(shingle_hashes("in 2024 THE mill at the RIVER turned", 5), 112, 1)
    assert left == right


def test_signatures_agree_as_often_as_the_sets_overlap() -> None:
    numbers = np.random.default_rng(0).integers(0, 2**64, 3000, dtype=np.uint64)
    left, right = np.unique(numbers[:2000]), np.unique(numbers[1000:])
    first, second = signature(left, 4096, 1), signature(right, 4096, 1)
    assert first is not None and second is not None
    agree = np.mean(np.frombuffer(first, "<u4") == np.frombuffer(second, "<u4"))
    assert jaccard(left, right) == 1 / 3
    assert abs(agree - 1 / 3) < 4 * (1 / 3 * 2 / 3 / 4096) ** 0.5  # four standard errors


@pytest.mark.parametrize(
    ("left", "right", "expected"), [([], [], 0.0), ([1], [], 0.0), ([1, 2], [1, 2], 1.0), ([1, 2], [2, 3], 1 / 3)]
)
def test_jaccard_is_the_share_of_common_shingles(left: list[int], right: list[int], expected: float) -> None:
    assert jaccard(np.array(left, dtype=np.uint64), np.array(right, dtype=np.uint64)) == expected


def test_an_exact_duplicate_is_exact_up_to_case_white_space_and_composition() -> None:
    assert text_hash("Café  au\nlait ") == text_hash("cafe\u0301 au lait")
    assert len({text_hash(text) for text in ("cafe au lait", "café au lait", "café au lait!", "café au lait 2")}) == 4
    assert text_hash("a") == "a96faf705af16834e6c632b61e964e1f"


@pytest.mark.parametrize("text", ["", " \n\u3000"])
def test_a_blank_text_has_no_hash(text: str) -> None:
    assert text_hash(text) is None
