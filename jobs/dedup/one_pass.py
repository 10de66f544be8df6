"""The definition of the result itself, as one pass in memory: for what is left when it is little, and all its pairs are compared."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple


class Left(NamedTuple):
    """An undecided document and the groups it is in; `text` is its class."""

    nr: int
    url: int | None
    text: int
    digest: int | None


class Pair(NamedTuple):
    """Two classes of documents, their common shingles and the shingles of each."""

    a: int
    b: int
    common: int
    n_a: int
    n_b: int


class Decision(NamedTuple):
    """What became of a document; the witness is the number of the kept one that it duplicates."""

    nr: int
    outcome: str
    reason: str | None
    witness: int | None
    similarity: float | None


def similarity(common: int, *, worse: int, better: int, measure: str) -> float:
    """Return the Jaccard similarity of two sets by their sizes, or the share of the worse one that is in the better one."""
    return common / worse if measure == "containment" else common / (worse + better - common)


def one_pass(left: Iterable[Left], pairs: Iterable[Pair], *, measure: str, min_similarity: float) -> list[Decision]:
    """Decide documents in survivor order: drop one if, and only if, a kept better one has its URL, text or payload, or measures
    at or above `min_similarity`. Documents with a negative number are published already, and kept.
    """
    partners: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for pair in pairs:
        partners[pair.a].append((pair.b, pair.common, pair.n_a, pair.n_b))
        partners[pair.b].append((pair.a, pair.common, pair.n_b, pair.n_a))
    first: dict[tuple[str, int], int] = {}  # the first kept document of each group and class
    decisions = []
    for document in sorted(left):
        groups = (("url", document.url), ("text", document.text), ("digest", document.digest))
        exact = [(first[kind, group], kind) for kind, group in groups if group is not None and (kind, group) in first]
        near = [
            (first["text", other], measured)
            for other, common, ours, theirs in partners[document.text]
            if ("text", other) in first
            and (measured := similarity(common, worse=ours, better=theirs, measure=measure)) >= min_similarity
        ]
        if document.nr >= 0 and exact:
            witness, kind = exact[0]
            decisions.append(Decision(document.nr, "dropped", f"exact_{kind}", witness, 1.0))
        elif document.nr >= 0 and near:
            decisions.append(Decision(document.nr, "dropped", "near_duplicate", *min(near)))
        else:
            decisions.append(Decision(document.nr, "kept", None, None, None))
            for kind, group in groups:
                if group is not None:
                    first.setdefault((kind, group), document.nr)
    return decisions
