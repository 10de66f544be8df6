import os
import re
import struct
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st
from rensa import RMinHash

from udfs.similarity.minhash import (
    SHINGLES,
    Backend,
    BackendError,
    Hashes,
    _rensa,
    jaccard,
    normalise,
    scheme,
    shingle_hashes,
    signature,
    text_hash,
    units,
)


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


# characters that this Python does not know yet (Cn) may be letters to `regex`, which has newer tables
KNOWN = st.characters(max_codepoint=0x1FFF, exclude_categories=("Cs", "Cn"))


@given(st.text(KNOWN | st.sampled_from("aB1.,'_ \n“”‘’–—…•·\xa0\xad€é漢"), max_size=40))
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
    none = shingle_hashes(text, 5)
    assert (none.dtype, len(none)) == (np.dtype(np.uint64), 0)
    assert signature(none, 112, 1) is None


@given(st.text(alphabet="ab é水1.", max_size=40), st.integers(min_value=1, max_value=4))
def test_shingles_equal_those_joined_one_by_one(text: str, ngram: int) -> None:
    words = units(normalise(text))
    joined = {" ".join(words[i : i + ngram]) for i in range(max(1, len(words) - ngram + 1))} if words else set()
    assert shingle_hashes(text, ngram).tolist() == sorted(xxhash.xxh3_64_intdigest(s.encode()) for s in joined)


def hashes(count: int, *, seed: int = 0) -> Hashes:
    return np.unique(np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64))


# FineWeb's, the default, DCLM's and RefinedWeb's numbers of permutations; pages with fewer and with more shingles than those
@pytest.mark.parametrize(
    ("num_perm", "seed", "counts"),
    [
        (112, 1, (1, 5, 112, 113, 3000, 20_000)),
        (144, 7, (1, 144, 145, 1500)),
        (1395, 1, (1, 100, 1395, 1396, 3000)),
        (9000, 1, (1, 15, 300)),
    ],
)
def test_a_signature_is_datasketchs_own(num_perm: int, seed: int, counts: tuple[int, ...]) -> None:
    for count in counts:
        given = hashes(count, seed=count)
        oracle = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda value: value)
        oracle.update_batch([(value & 0xFFFFFFFF) ^ (value >> 32) for value in given.tolist()])
        assert signature(given, num_perm, seed) == oracle.hashvalues.astype("<u4").tobytes(), count


@pytest.mark.parametrize("num_perm", [112, 144, 1395, 9000])
def test_a_rensa_signature_is_rensas_own_of_the_same_hashes(num_perm: int) -> None:
    for count in (1, 3, 100, 1000):
        given = hashes(count, seed=count)
        (oracle,) = RMinHash.digest_matrix_from_token_hash_sets([given.tolist()], num_perm, 7).to_rows()
        assert signature(given, num_perm, 7, "rensa") == struct.pack(f"<{num_perm}I", *oracle), count


def test_the_backends_signatures_have_one_form_and_other_values() -> None:
    ours, rensas = signature(hashes(500), 144, 1, "datasketch"), signature(hashes(500), 144, 1, "rensa")
    assert ours is not None and rensas is not None
    assert (len(ours), len(rensas), ours == rensas) == (4 * 144, 4 * 144, False)
    assert signature(hashes(0), 144, 1, "rensa") is None


def test_a_scheme_names_all_that_decides_a_signature() -> None:
    assert scheme(backend="datasketch", ngram=5, num_perm=144, seed=1) == {
        "backend": "datasketch",
        "algorithm": "affine32",
        "shingles": SHINGLES,
        "ngram": 5,
        "num_perm": 144,
        "seed": 1,
    }
    assert scheme(backend="rensa", ngram=5, num_perm=144, seed=1)["algorithm"] == "rminhash2"


def test_other_shingles_need_another_name() -> None:
    """If this fails, raise the number in SHINGLES: signatures of earlier dumps do not compare with those of this code."""
    texts = (
        "The mill at the river turned for 1,000 years, and no longer: Crème brûlée!",
        "水車小屋は川にある。IBM",
        "«Мельница» у реки\u00ad — 3.14…",
        "กขค 7",
    )
    digest = xxhash.xxh3_64()
    for text in texts:
        digest.update(shingle_hashes(text, 3).astype("<u8").tobytes())
    assert (SHINGLES, digest.hexdigest()) == ("xxh3_64 of normalised words, 2", "aa1930574fb76d16")


def test_a_backend_that_is_not_there_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    _rensa.cache_clear()
    monkeypatch.setitem(sys.modules, "rensa", None)  # what import finds for a package without a wheel
    try:
        with pytest.raises(
            BackendError, match=r"Install rensa 0\.5 here and on every worker .*or choose backend = \"datasketch\""
        ):
            scheme(backend="rensa", ngram=5, num_perm=144, seed=1)
        assert scheme(backend="datasketch", ngram=5, num_perm=144, seed=1)["algorithm"] == "affine32"
    finally:
        _rensa.cache_clear()


def test_a_signature_is_the_same_on_every_machine() -> None:
    made = signature(shingle_hashes("the mill at the river turns all year", 5), 4, 1)
    assert made is not None
    assert np.frombuffer(made, dtype="<u4").tolist() == [1031028535, 200363487, 2761327008, 1407053119]


@pytest.mark.parametrize("kernel", ["auto", "scalar"])
def test_a_rensa_signature_is_the_same_on_every_machine(kernel: str) -> None:
    """Rensa picks its code by the processor and reads the choice once in a process."""
    program = (
        "import numpy as np, xxhash; from udfs.similarity.minhash import signature; "
        "h = np.unique(np.random.default_rng(0).integers(0, 2**64, 700, dtype=np.uint64)); "
        "print([xxhash.xxh3_64_hexdigest(signature(h[:n], p, 1, 'rensa')) for n, p in ((3, 8), (90, 112), (700, 144), (700, 1395))])"
    )
    environment = os.environ | ({} if kernel == "auto" else {"RENSA_FORCE_KERNEL": kernel})
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['70e66903dbb30e31', '92e77b5ad5cd9a78', 'd2a882a8ef5c254a', 'b8972e87c9bf9bbd']"


def test_texts_that_normalise_alike_have_one_signature() -> None:
    left = signature(shingle_hashes("In 1984 the Mill,\nat the river: turned!", 5), 112, 1)
    right = signature(shingle_hashes("in 2024 THE mill at the RIVER turned", 5), 112, 1)
    assert left == right


@pytest.mark.parametrize("backend", ["datasketch", "rensa"])
def test_signatures_agree_as_often_as_the_sets_overlap(backend: Backend) -> None:
    numbers = np.random.default_rng(0).integers(0, 2**64, 3000, dtype=np.uint64)
    left, right = np.unique(numbers[:2000]), np.unique(numbers[1000:])
    first, second = signature(left, 4096, 1, backend), signature(right, 4096, 1, backend)
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
