"""A reservoir of texts: those of the smallest hashes, up to a number of bytes."""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple


class Text(NamedTuple):
    """Hold a text of a document, and its language."""

    text: str
    language: str

    @property
    def size(self) -> int:
        """Return the bytes of the text in UTF-8."""
        return len(self.text.encode())


@dataclass
class Reservoir:
    """Keep the texts of the smallest hashes, until they have `limit` bytes together; memory is theirs, and no more."""

    limit: int
    bytes: int = 0
    _heap: list[tuple[int, Text]] = field(default_factory=list)  # largest hash first
    _kept: set[tuple[int, Text]] = field(default_factory=set)

    def offer(self, key: int, text: Text) -> None:
        """Take a text in, and let go of those of the largest hashes that are too many. A text that is there already stays once."""
        entry = (-key, text)
        if (self.bytes >= self.limit and entry <= self._heap[0]) or entry in self._kept:
            return
        heapq.heappush(self._heap, entry)
        self._kept.add(entry)
        self.bytes += text.size
        while self.bytes - self._heap[0][1].size >= self.limit:
            gone = heapq.heappop(self._heap)
            self._kept.discard(gone)
            self.bytes -= gone[1].size

    def texts(self) -> list[Text]:
        """Return the texts, by hash."""
        return [text for _, text in sorted(self._heap, reverse=True)]
