"""Orders by hashes: the same seed gives the same order, wherever the rows came from."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xxhash

from udfs.similarity.ngram_hashes import mix

Keys = npt.NDArray[np.uint64]


class TextKeys:
    """Give each text a key. Neither ids nor files decide it. A text that comes again gets another one, so copies stand apart."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._found: list[int] = []

    def add(self, texts: Iterable[str]) -> None:
        """Take the next texts."""
        for text in texts:
            one = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
            nth = self._seen[one] = self._seen.get(one, -1) + 1
            self._found.append(xxhash.xxh3_64_intdigest(f"{one} {nth}".encode()) if nth else one)

    def keys(self) -> Keys:
        """Return the keys so far, in the order of the texts."""
        return np.array(self._found, np.uint64)


def order_of(keys: Keys, *seeds: int) -> npt.NDArray[np.int64]:
    """Return the places of keys in the order of a hash of key and seeds.

    >>> sorted(order_of(np.arange(5, dtype=np.uint64), 1).tolist())
    [0, 1, 2, 3, 4]
    """
    mixed = keys
    for seed in seeds:
        mixed = mix(mixed + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64))
    return np.argsort(mixed, kind="stable")
