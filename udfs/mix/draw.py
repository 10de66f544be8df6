"""How often a document stands in a mix: so many times whole, once more for those that come first by chance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import xxhash

KEY_BITS = 63
Place = tuple[int, str]  # a document's key and id: in this order the documents of a corpus are drawn
NOTHING: Place = (0, "")


def key_of(document: str, *, seed: int, corpus: str) -> int:
    """Return the hash that decides when a document is drawn: a whole number from 0 below 2^63.

    >>> key_of("a", seed=1, corpus="web") == key_of("a", seed=1, corpus="web") != key_of("a", seed=2, corpus="web")
    True
    """
    return xxhash.xxh3_64_intdigest(f"{seed}\n{corpus}\n{document}".encode("utf-8", "surrogatepass")) >> 1


@dataclass(frozen=True)
class Draw:
    """Say how often the documents of a corpus stand in a mix.

    `whole`: each stands so many times. `cut`: those before this place stand once more. `more`: these few stand so often beyond that.
    A document of a corpus that has `copies` counts as so many documents.
    """

    corpus: str
    seed: int
    whole: int = 0
    cut: Place = NOTHING
    more: Mapping[str, int] = field(default_factory=dict)

    def copies(self, document: str, *, base: int) -> int:
        """Return how often a document of `base` copies stands in the mix.

        >>> Draw("web", 1, whole=2, more={"a": 1}).copies("a", base=3)
        7
        """
        once_more = (key_of(document, seed=self.seed, corpus=self.corpus), document) < self.cut
        return base * (self.whole + once_more) + self.more.get(document, 0)


def filled(rest: Iterable[tuple[str, int, int]], *, gap: int) -> dict[str, int]:
    """Fill a gap with documents in their order, each as often as it fits: id, tokens and copies in; copies by id out.

    >>> filled([("a", 50, 1), ("b", 10, 3), ("c", 4, 1)], gap=27)
    {'b': 2, 'c': 1}
    """
    found: dict[str, int] = {}
    for document, tokens, copies in rest:
        fits = min(copies, gap // tokens) if tokens else 0
        if fits:
            found[document] = fits
            gap -= fits * tokens
    return found
