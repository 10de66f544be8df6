"""The definition of the result itself, as one pass in memory: for what is left when it is little, and all its pairs are compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

TAIL = 100_000  # documents, and pairs of them, that one pass takes: some hundred bytes of the driver each
DECIDED = "nr bigint, outcome string, reason string, witness bigint, similarity double"  # a table of decisions


class Left(NamedTuple):
    """An undecided document and the groups it is in; `text` is its class."""

    nr: int
    url: int | None
    text: int
    digest: int | None


class Pair(NamedTuple):
    """Two classes of documents, their common shingles, the shingles of each, and whether they share an LSH bucket."""

    a: int
    b: int
    common: int
    n_a: int
    n_b: int
    lsh: bool = True


class Decision(NamedTuple):
    """What became of a document; the witness is the number of the kept one that it duplicates."""

    nr: int
    outcome: str
    reason: str | None
    witness: int | None
    similarity: float | None


@dataclass(frozen=True)
class Thresholds:
    """Say from which similarity two documents that met are duplicates; for captures of one URL it is Jaccard, 0 asks nothing."""

    measure: str
    min_similarity: float
    min_url_similarity: float


def similarity(common: int, *, worse: int, better: int, measure: str) -> float:
    """Return the Jaccard similarity of two sets by their sizes, or the share of the worse one that is in the better one.

    Of sets without a shingle nothing is known: 0.
    """
    whole = worse if measure == "containment" else worse + better - common
    return common / whole if whole else 0.0


def one_pass(left: Iterable[Left], pairs: Iterable[Pair], *, thresholds: Thresholds) -> list[Decision]:
    """Decide documents in survivor order: drop one if, and only if, a kept better one has its text or payload, or is a capture of
    its URL or shares an LSH bucket with it, and measures at or above the threshold. Documents with a negative number are published
    already, and kept.
    """
    met = _Met(pairs, thresholds)
    first: dict[tuple[str, int], int] = {}  # the first kept document of each group and class
    captures: dict[int, dict[int, int]] = defaultdict(dict)  # of each URL: classes, and the first kept document of each
    decisions = []
    for document in sorted(left):
        groups = (("text", document.text), ("digest", document.digest))
        found = list(met.captures(document, captures[document.url])) if document.url is not None else []
        ground = min(found) if found else None
        if ground is None:
            exact = [(first[kind, group], kind) for kind, group in groups if group is not None and (kind, group) in first]
            ground = (exact[0][0], f"exact_{exact[0][1]}", 1.0) if exact else min(met.near(document, first), default=None)
        if document.nr >= 0 and ground is not None:
            witness, reason, measured = ground
            decisions.append(Decision(document.nr, "dropped", reason, witness, measured))
            continue
        decisions.append(Decision(document.nr, "kept", None, None, None))
        for kind, group in groups:
            if group is not None:
                first.setdefault((kind, group), document.nr)
        if document.url is not None:
            captures[document.url].setdefault(document.text, document.nr)
    return decisions


Ground = tuple[int, str, float]  # the witness, the reason and how similar the two are


class _Met:
    """Hold what classes measured, and find grounds to drop a document."""

    def __init__(self, pairs: Iterable[Pair], thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self.partners: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.jaccard: dict[tuple[int, int], float] = {}
        for pair in pairs:
            alike = similarity(pair.common, worse=pair.n_a, better=pair.n_b, measure="jaccard")
            for ours, theirs, n_ours, n_theirs in ((pair.a, pair.b, pair.n_a, pair.n_b), (pair.b, pair.a, pair.n_b, pair.n_a)):
                self.jaccard[ours, theirs] = alike
                if pair.lsh:
                    measured = similarity(pair.common, worse=n_ours, better=n_theirs, measure=thresholds.measure)
                    self.partners[ours].append((theirs, measured))

    def near(self, document: Left, first: dict[tuple[str, int], int]) -> Iterator[Ground]:
        for other, measured in self.partners[document.text]:
            if ("text", other) in first and measured >= self.thresholds.min_similarity:
                yield first["text", other], "near_duplicate", measured

    def captures(self, document: Left, kept: dict[int, int]) -> Iterator[Ground]:
        least = self.thresholds.min_url_similarity
        for text, witness in kept.items():
            alike = 1.0 if least == 0 or text == document.text else self.jaccard.get((document.text, text), 0.0)
            if alike >= least:
                yield witness, "exact_url", alike
