"""The shares of a sample: how much of it each language gets, or each dump."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.engine.errors import RefusedError
from udfs.tokens.drawn_texts import STRATA


@dataclass(frozen=True)
class Shares:
    """Say which share of the sample each value of a column gets, such as half of it German; without any, all texts are alike."""

    column: str | None = None
    of: Mapping[str, float] = field(default_factory=dict)


def parsed_shares(given: list[str]) -> Shares:
    """Read shares such as language:de=0.5, language:en=0.5, of one column.

    Raises RefusedError.

    >>> parsed_shares(["language:de=0.25", "language:en=0.75"]).of
    {'de': 0.25, 'en': 0.75}
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for one in given:
        name, _, share = one.rpartition("=")
        column, _, value = name.partition(":")
        try:
            found[column][value] = float(share)
        except ValueError:
            found[""] = {}
    if not found:
        return Shares()
    (column, of), *more = found.items()
    if more or column not in STRATA or not all(0 < share <= 1 for share in of.values()) or abs(sum(of.values()) - 1) > 1e-6:
        raise RefusedError(
            f"--share {' --share '.join(given)}: shares are given for one column of {', '.join(STRATA)}, such as language:de=0.5, and sum up "
            f"to 1; nothing was trained"
        )
    return Shares(column, of)
