"""A reservoir of texts: those of the smallest hashes, up to a number of bytes."""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple

from udfs.tokens.drawn_texts import utf8


class Text(NamedTuple):
    """Hold a text and its language."""

    text: str
    language: str


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
        self.bytes += len(utf8(text.text))
        while self.bytes - len(utf8(self._heap[0][1].text)) >= self.limit:
            gone = heapq.heappop(self._heap)
            self._kept.discard(gone)
            self.bytes -= len(utf8(gone[1].text))

    def texts(self) -> list[Text]:
        """Return the texts, by hash."""
        return [text for _, text in sorted(self._heap, reverse=True)]
