"""How well a fast embedder agrees with its teacher on texts that it was not trained on, and from where on that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MIN_PEARSON, MIN_NEIGHBOURS = 0.6, 0.4  # below either nothing may be dropped by a fast model's vectors


@dataclass(frozen=True)
class Agreement:
    """Say how alike similarities are, and neighbours.

    `pearson` is Pearson's r of the cosines by the two models, over pairs of texts. `neighbours` is the share of the teacher's ten
    nearest that are among the fast model's ten nearest. Both are None where there are too few texts.
    """

    texts: int
    pearson: float | None
    neighbours: float | None


def too_weak(facts: Mapping[str, Any] | None) -> str | None:
    """Say why vectors are too weak to drop a document by, or None if they are not.

    `facts` is what the marker of signals has under `embedding`. A transformer is its own measure. A fast model must have been measured,
    and both figures must reach the floor.

    >>> too_weak({"teacher": None}), too_weak({"teacher": "t", "pearson": 0.9, "neighbours": 0.7})
    (None, None)
    >>> too_weak({"teacher": "t", "pearson": 0.43, "neighbours": 0.3})
    "r = 0.43 with its teacher's similarities, and 0.60 is asked; 30 % of its teacher's ten nearest, and 40 % are asked"
    >>> too_weak({"teacher": "t", "pearson": None, "neighbours": None})
    'it was not measured on texts that it was not trained on'
    """
    if facts is None:
        return "the signals hold no vectors"
    if facts.get("teacher") is None:
        return None
    pearson, neighbours = facts.get("pearson"), facts.get("neighbours")
    if pearson is None or neighbours is None:
        return "it was not measured on texts that it was not trained on"
    found = []
    if pearson < MIN_PEARSON:
        found.append(f"r = {pearson:.2f} with its teacher's similarities, and {MIN_PEARSON:.2f} is asked")
    if neighbours < MIN_NEIGHBOURS:
        found.append(f"{neighbours:.0%} of its teacher's ten nearest, and {MIN_NEIGHBOURS:.0%} are asked".replace("%", " %"))
    return "; ".join(found) or None
