"""A style: which documents a model rewrites how, and how long segments and answers may be."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from udfs.endpoint.question import Question
from udfs.megadocs.cut import Span, cut
from udfs.rephrase.prompt import Prompt
from udfs.rephrase.segments import segments

KEY_BITS = 48
Place = tuple[int, str]  # a document's hash and id: in this order a style takes documents
GAP, DISARMED = "<gap/>", "<gap />"  # where a thought is to stand; what a page has of that kind


@dataclass(frozen=True)
class Style:
    """Describe a style; `copies` are the rephrases of one document, `share` the part of documents that get them.

    Documents stand in the order of a hash of their ids. With `cut` those before that place get the style, and `share` says nothing.
    With `gaps` it writes thoughts: one for each gap between the gaps + 1 pieces that megadocs cuts the document into.
    """

    name: str
    prompt: Prompt
    share: float = 1.0
    copies: int = 1
    segment_tokens: int = 1000
    max_tokens: int = 1024
    on_overflow: Literal["shorten", "fail"] = "shorten"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    gaps: int = 0
    cut: Place | None = None

    def key(self, id_: str, *, seed: int) -> int:
        """Return the hash of a document by which the style chooses: a whole number from 0 below 2^48."""
        digest = hashlib.sha256(f"{seed}\0{self.name}\0{id_}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:6], "big")

    def takes(self, id_: str, *, seed: int) -> bool:
        """Say whether the style takes a document: by a hash of its id, so that it is the same document each time."""
        key = self.key(id_, seed=seed)
        return key < self.share * 2**KEY_BITS if self.cut is None else (key, id_) < self.cut

    def pieces(self, text: str, *, nth: int) -> tuple[str, ...]:
        """Return what is asked of a document: its segments; of a thought the whole of it, with a mark in its gap."""
        if not self.gaps:
            return _segments(text, self.segment_tokens)
        _, at = _cut(text, self.gaps + 1)[nth]
        before, after = (part.replace(GAP, DISARMED) for part in (text[:at], text[at:]))
        return (f"{before}\n{GAP}\n{after}",)

    def question(self, segment: str, *, model: str, nth: int) -> Question:
        """Return the question that a segment makes."""
        return Question(
            model=model,
            prompt=self.prompt.sha256,
            system=self.prompt.system,
            user=self.prompt.told(segment),
            max_tokens=self.max_tokens,
            nth=nth,
            parameters=self.parameters,
        )


# counting tokens is most of a worker's own work, and the copies and gaps of a document ask for the same pieces one after another
@lru_cache(maxsize=1)
def _segments(text: str, max_tokens: int) -> tuple[str, ...]:
    return tuple(piece for piece in segments(text, max_tokens) if piece.strip())


@lru_cache(maxsize=1)
def _cut(text: str, pieces: int) -> tuple[Span, ...]:
    return cut(text, pieces=pieces)


def rephrases(id_: str, styles: tuple[Style, ...], *, seed: int) -> Iterator[tuple[Style, int]]:
    """Yield the (style, nth) that a document gets, in the recipe's order."""
    for style in styles:
        if style.takes(id_, seed=seed):
            for nth in range(style.gaps or style.copies):
                yield style, nth
