"""Remember what became of pages, so that a body met again in the same worker is not extracted again."""

from collections import OrderedDict
from functools import lru_cache

import xxhash

from udfs.page.extractor import ExtractSettings, PageRequest, PageResult

MAX_CHARACTERS = 16 << 20  # of all texts held, at most four times as many bytes
FIXED_CHARACTERS = 500  # what an entry costs besides its text


class PageMemory:
    """The results of the pages met last, by a 128-bit hash of all that decides a result.

    The digest in the record's header is not asked: what it says may be wrong, and a wrong one would exchange the texts of two pages.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[bytes, PageResult] = OrderedDict()
        self._characters = 0

    def key(self, page: PageRequest) -> bytes:
        """Return what tells this page from others."""
        told = f"{page.mime}\0{page.charset}\0{page.captured}\0".encode("utf-8", "surrogatepass")
        return xxhash.xxh3_128_digest(page.body) + xxhash.xxh3_128_digest(told)

    def get(self, key: bytes) -> PageResult | None:
        """Return the result of that page, None if it is not held."""
        if key in self._results:
            self._results.move_to_end(key)
        return self._results.get(key)

    def put(self, key: bytes, result: PageResult) -> None:
        """Hold a result, but for a failed one: time and memory may suffice the next time."""
        if result.outcome == "failed" or key in self._results or _size(result) > MAX_CHARACTERS // 8:
            return
        self._results[key] = result
        self._characters += _size(result)
        while self._characters > MAX_CHARACTERS:
            self._characters -= _size(self._results.popitem(last=False)[1])


def _size(result: PageResult) -> int:
    return FIXED_CHARACTERS + len(result.text or "")


@lru_cache(maxsize=1)
def memory_of(settings: ExtractSettings) -> PageMemory:
    """Return the memory for these settings; it outlives the task in a reused Python worker, and goes when the settings change."""
    return PageMemory()
