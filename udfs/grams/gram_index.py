"""The n-grams of evaluation sets as sorted arrays: built once by the driver, sent to every worker, looked up by numpy."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from udfs.grams.protected import Bounds, Item
from udfs.similarity.ngram_hashes import Hashes, RunHashes, mix

Ids = npt.NDArray[np.uint32]

LEAST_QUESTION = 3  # words of a short question: fewer stand in too many documents to look for the answer there
MOST_WORDS = 1000  # of an n-gram
Places = npt.NDArray[np.int64]
_SALTS = mix(np.arange(MOST_WORDS + 1, dtype=np.uint64))
_WORD_BYTES = 131  # of the vocabulary as a dictionary: 123, measured on 100,000 words of eight letters, and a hash
UNKNOWN = 0  # the id of a word that no evaluation set has


@dataclass(frozen=True)
class GramIndex:
    """Hold texts as ids of words, and their n-grams as sorted hashes, each with the places where it stands.

    - words: the vocabulary, one word a line; the id of a word is its line's number, from 1.
    - grams, firsts: the hashes, and where the places of each begin in `texts` (numbers of texts) and `places` (word in the text).
    - begins: the hashes of the first words of short questions.
    - lengths: the numbers of words that n-grams have: that of the recipe, and those of short questions.
    - ids, weights: of all texts one after another, the id and the rarity of each word; `bounds` says where a text begins.
    - answers: of each text the number of the answer that must follow, also a text; -1 if none must.
    - sought: of each text whether an n-gram of it is looked for: not of an answer that only follows, nor of a text of frames alone.
    - items, fields: of each text its item and the number of its field.
    """

    settings: Bounds
    words: str
    grams: Hashes
    firsts: npt.NDArray[np.uint32]
    texts: npt.NDArray[np.uint32]
    places: npt.NDArray[np.uint32]
    begins: Hashes
    lengths: tuple[int, ...]
    ids: Ids
    weights: npt.NDArray[np.float32]
    bounds: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int32]
    sought: npt.NDArray[np.bool_]
    items: npt.NDArray[np.uint32]
    fields: npt.NDArray[np.uint16]
    field_names: tuple[str, ...]
    item_names: tuple[Item, ...]

    @property
    def nbytes(self) -> int:
        """Return the bytes of all arrays and of the vocabulary: what is sent to each worker."""
        arrays = [getattr(self, one.name) for one in fields(self)]
        return len(self.words.encode()) + sum(one.nbytes for one in arrays if isinstance(one, np.ndarray))

    @property
    def worker_bytes(self) -> int:
        """Return about how many bytes a worker holds: what is sent, the vocabulary as a dictionary, hashes of words, and the sieve."""
        return self.nbytes + _WORD_BYTES * (self.words.count("\n") + 1) + (1 << sieve_bits(len(self.grams)) >> 3)

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Return the id of each word."""
        return {word: number for number, word in enumerate(self.words.split("\n"), start=1)}

    @cached_property
    def sieve(self) -> "Sieve":
        """Return what spares the search for most n-grams of a document."""
        return Sieve(self.grams)

    @cached_property
    def beginnings(self) -> "Sieve":
        """Return what tells the places where a short question may begin."""
        return Sieve(self.begins)

    @cached_property
    def word_hashes(self) -> Hashes:
        """Return the hash of each word, by its id."""
        return word_hashes(np.arange(len(self.vocabulary) + 1, dtype=np.uint32))

    def ids_of(self, words: Sequence[str]) -> Ids:
        """Return the id of each word; 0 for one that no evaluation set has."""
        return np.fromiter(map(self.vocabulary.get, words, repeat(UNKNOWN)), np.uint32, len(words))

    def text(self, number: int) -> Ids:
        """Return the words of a text."""
        return self.ids[self.bounds[number] : self.bounds[number + 1]]

    def weights_of(self, number: int) -> npt.NDArray[np.float32]:
        """Return the rarity of each word of a text."""
        return self.weights[self.bounds[number] : self.bounds[number + 1]]

    def seeds(self, ids: Ids) -> tuple[Places, Places, Places]:
        """Return where n-grams of the index may stand in a document: place, number of the n-gram, and its length; by place.

        A short question is only looked for where its first words stand.
        """
        runs = RunHashes(self.word_hashes[ids])
        length = self.lengths[0]
        at, number = self._found(salted(runs.of_length(length), length), np.arange(max(0, len(ids) - length + 1)))
        sizes = np.full(len(at), length)
        short = np.array(self.lengths[1:], np.int64)
        if len(short):
            begins = salted(runs.of_length(LEAST_QUESTION), LEAST_QUESTION)
            starts = self.beginnings.passed(begins)
            starts, size = np.repeat(starts, len(short)), np.tile(short, len(starts))
            fits = starts + size <= len(ids)
            starts, size = starts[fits], size[fits]
            hashes = runs.between(starts, starts + size) ^ _SALTS[size]
            some, found = self._found(hashes, np.arange(len(starts)))
            at, number, sizes = (np.concatenate(pair) for pair in ((at, starts[some]), (number, found), (sizes, size[some])))
        order = np.argsort(at, kind="stable")
        return at[order], number[order], sizes[order]

    def _found(self, hashes: Hashes, at: Places) -> tuple[Places, Places]:
        """Return which of the places have an n-gram of the index, and its number."""
        some = self.sieve.passed(hashes)
        if not len(some):
            return some, some
        hashes = hashes[some]
        number = np.minimum(np.searchsorted(self.grams, hashes), len(self.grams) - 1)
        there = self.grams[number] == hashes
        return at[some[there]], number[there]


def word_hashes(ids: Ids) -> Hashes:
    """Return the hashes of words: of their ids, which are exact."""
    return mix(ids.astype(np.uint64))


def sieve_bits(count: int) -> int:
    """Return how many first bits of a hash a sieve of so many looks at."""
    return max(13, count.bit_length() + 5)


class Sieve:
    """Say of a hash that it is surely not among some, by a bit for its first bits: 32 bits or more a hash, so few pass by chance."""

    def __init__(self, hashes: Hashes) -> None:
        bits = sieve_bits(len(hashes))
        self._shift = np.uint64(64 - bits)
        self._bytes = np.zeros(1 << bits >> 3, np.uint8)
        bit = hashes >> self._shift
        np.bitwise_or.at(self._bytes, bit >> np.uint64(3), np.uint8(1) << (bit & np.uint64(7)).astype(np.uint8))

    def passed(self, hashes: Hashes) -> Places:
        """Return the places of the hashes that may be there."""
        bit = hashes >> self._shift
        found = self._bytes[bit >> np.uint64(3)] >> (bit & np.uint64(7)).astype(np.uint8)
        return np.flatnonzero(found & np.uint8(1))


def salted(hashes: Hashes, length: int) -> Hashes:
    """Tell n-grams of different lengths apart, which lie in one array."""
    found: Hashes = hashes ^ _SALTS[length]
    return found
