"""Turns a text into what finds its duplicates: a hash of the whole text, shingle hashes, and a MinHash signature."""

import re
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import regex
import xxhash

from udfs.words.normal_forms import composed, decomposed
from udfs.words.scripts import EVERYWHERE, IN_PLANE, is_in_plane, unspaced

Backend = Literal["datasketch", "rensa"]
# Part of the scheme: to be raised with any change that gives a text other shingles.
SHINGLES = "xxh3_64 of normalised words, 2"

Hashes = npt.NDArray[np.uint64]

_MARKS = regex.compile(r"[\p{Mn}\p{Cf}]+")  # accents after NFD; soft hyphens, zero-width joiners, direction marks
_NUMBERS = regex.compile(r"\p{Nd}+(?:[.,\u060c\u066b]\p{Nd}+)?")
_BREAKS = regex.compile(r"[^\p{L}\p{M}\p{N}\s]+")  # plain spaces are left to split(): half the time of matching them
# English is mostly ASCII but for these breaks. Without them it takes the short way, which is translate() and no decomposition
# and brings normalise() down to little over half of its time.
_TYPOGRAPHIC = "“”‘’–—…•·\xa0"
_ASCII_BREAKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_UNITS_IN_PLANE = re.compile(f"[{IN_PLANE}]|[^ {IN_PLANE}]+")
_UNITS = re.compile(f"[{EVERYWHERE}]|[^ {EVERYWHERE}]+")

_SPACE = 0x20
_AFFINE = "affine32"  # datasketch 2's default
_CACHE = 512 << 10  # bytes permuted at once: fits a server's second-level cache; 256 kB and 1 MB were no faster


class BackendError(RuntimeError):
    """Say that the package which is to make the signatures is not there."""


def text_hash(text: str) -> str | None:
    """Return the xxh3_128 (32 hex digits) of text in NFC, lower case, white space runs as one space; None if blank.

    So an exact duplicate is exact up to white space, case and composition of accents: not up to punctuation or digits.
    """
    words = composed(text).lower().split()
    return xxhash.xxh3_128_hexdigest(" ".join(words).encode()) if words else None


def normalise(text: str) -> str:
    """Return text as it is compared for near-duplicates: words of letters and "0", one space apart.

    Lower case, NFD without accents, each number one "0", punctuation and symbols as spaces: FineWeb's simplification
    (huggingface/datatrove src/datatrove/utils/text.py, simplify_text), except that every Unicode punctuation mark and
    symbol counts, not a list of them, and that invisible format characters (soft hyphens, direction marks) are removed.
    """
    text = text.lower()
    if not text.isascii():
        for mark in _TYPOGRAPHIC:
            text = text.replace(mark, " ")
    if not text.isascii():
        text = _MARKS.sub("", decomposed(text))
    text = _NUMBERS.sub("0", text)
    text = text.translate(_ASCII_BREAKS) if text.isascii() else _BREAKS.sub(" ", text)
    return " ".join(text.split())


def units(normalised: str) -> list[str]:
    """Return what shingles are made of: words, but single characters of scripts written without spaces.

    Decided character by character, so a Japanese page's Latin names stay words between characters.
    """
    return _spaced(normalised).split()


def _spaced(normalised: str) -> str:
    """Put a space between units; a text of words alone has them already, which spares half of the cutting."""
    if normalised.isascii() or unspaced(normalised).search(normalised) is None:
        return normalised
    return " ".join((_UNITS_IN_PLANE if is_in_plane(normalised) else _UNITS).findall(normalised))


def shingle_hashes(text: str, ngram: int) -> Hashes:
    """Return the distinct shingles of text as sorted 64-bit hashes, without repeats.

    A shingle is `ngram` consecutive units joined by spaces, hashed with xxh3_64 of its UTF-8; a shorter text is one
    shingle, a text without letters and digits has none.
    """
    joined = _spaced(normalise(text)).encode()
    if not joined:
        return np.empty(0, dtype=np.uint64)
    spaces = np.flatnonzero(np.frombuffer(joined, np.uint8) == _SPACE)
    ends: list[int] = [*spaces.tolist(), len(joined)]
    count = max(1, len(ends) - ngram + 1)
    # one join, then slices: shingle i runs from the start of unit i to the end of unit i + ngram - 1
    starts: list[int] = [0, *(spaces[: count - 1] + 1).tolist()]
    digest = xxhash.xxh3_64_digest
    digests = b"".join([digest(joined[start:stop]) for start, stop in zip(starts, ends[-count:], strict=True)])
    hashes = np.frombuffer(digests, ">u8").astype(np.uint64)  # a digest is the integer's bytes, high byte first
    hashes.sort()
    distinct: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return distinct


def scheme(*, backend: Backend, ngram: int, num_perm: int, seed: int) -> dict[str, str | int]:
    """Say what decides a signature beside the text; signatures of two schemes must never be compared.

    Raises BackendError if the backend is not installed.
    """
    algorithm = _AFFINE if backend == "datasketch" else f"rminhash{_rensa().ALGORITHM_VERSION}"
    return {
        "backend": backend,
        "algorithm": algorithm,
        "shingles": SHINGLES,
        "ngram": ngram,
        "num_perm": num_perm,
        "seed": seed,
    }


def signature(hashes: Hashes, num_perm: int, seed: int, backend: Backend = "datasketch") -> bytes | None:
    """Return the MinHash signature as num_perm little-endian uint32 values, or None for no shingles."""
    if len(hashes) == 0:
        return None
    least = _datasketch(hashes, num_perm, seed) if backend == "datasketch" else _rminhash(hashes, num_perm, seed)
    return least.astype("<u4").tobytes()


def _datasketch(hashes: Hashes, num_perm: int, seed: int) -> npt.NDArray[np.uint32]:
    """Equal datasketch 2's MinHash(num_perm, seed, scheme="affine32") over the hashes folded to 32 bits, high half XOR low.

    Its permutations are used; its formula, MurmurHash3's finaliser then a * h + b mod 2^32, is evaluated in blocks that stay
    in the cache, laid out so that numpy's inner loop runs over the longer of shingles and permutations. docs/dedup.md has the
    speed.
    """
    factors, offsets = _permutations(num_perm, seed)
    mixed = _finalised((hashes ^ (hashes >> np.uint64(32))).astype(np.uint32))
    least = np.full(num_perm, 0xFFFFFFFF, dtype=np.uint32)
    step = max(1, _CACHE // (4 * max(num_perm, len(mixed))))
    if len(mixed) > num_perm:
        for at in range(0, num_perm, step):
            block = mixed * factors[at : at + step, None]
            block += offsets[at : at + step, None]
            least[at : at + step] = block.min(axis=1)
    else:
        for at in range(0, len(mixed), step):
            block = mixed[at : at + step, None] * factors
            block += offsets
            np.minimum(least, block.min(axis=0), out=least)
    return least


def _rminhash(hashes: Hashes, num_perm: int, seed: int) -> npt.NDArray[np.uint32]:
    """Take rensa's R-MinHash of the 64-bit hashes as they are."""
    matrix = _rensa().digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], num_perm, seed)
    return np.array(matrix.to_rows()[0], dtype=np.uint32)


@lru_cache(maxsize=1)
def _rensa() -> Any:
    try:
        from rensa import RMinHash
    except ImportError as error:
        raise BackendError(
            f'[annotate.minhash] backend = "rensa" makes signatures with the package rensa, which this Python cannot import ({error}): '
            f"no signature can be made. Install rensa 0.5 here and on every worker (gristmill's requirements name it; without a "
            f'wheel for the platform pip needs Rust to build it), or choose backend = "datasketch"'
        ) from None
    return RMinHash


def jaccard(left: Hashes, right: Hashes) -> float:
    """Return the share of common shingles in all shingles of two texts (as shingle_hashes returns them); 0 if none."""
    common = len(np.intersect1d(left, right, assume_unique=True))
    total = len(left) + len(right) - common
    return common / total if total else 0.0


def _finalised(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


@lru_cache(maxsize=8)
def _permutations(num_perm: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    from datasketch import MinHash  # half a second with scipy, which commands that only look at small files need not spend

    factors, offsets = MinHash(num_perm=num_perm, seed=seed, scheme=_AFFINE).permutations
    return factors, offsets
