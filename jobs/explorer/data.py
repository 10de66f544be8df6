"""What the explorer shows, as plain values: the seam between the queries that need Spark and the map and page that need none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jobs.explorer.strata import Stratum
from udfs.vectors.half import Vectors

NOT_KNOWN = ""  # a language or domain that nobody has found
LARGEST = 60  # areas of each property
REASONS = 6  # of each area


@dataclass(frozen=True)
class Story:
    """What one decision says of a document beyond its reason: the rules it broke, and the witness it lost to.

    `witness` is a URL, or an id where there is none. `values` are what else was measured of the two, or of its cluster.
    """

    broken: tuple[str, ...] = ()
    witness: str = ""
    values: tuple[tuple[str, float], ...] = ()


NO_STORY = Story()


@dataclass(frozen=True)
class Points:
    """The sampled documents, one place in each sequence; `stratum` is the place of each in the strata.

    `texts` are already cut. A signal that was not measured is NaN. `embedding` has a row of zeros where a document has none, and is
    None if nothing was embedded.
    """

    stratum: npt.NDArray[np.int64]
    urls: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str, ...]
    domains: tuple[str, ...]
    signals: Mapping[str, npt.NDArray[np.float64]]
    stories: tuple[Story, ...]
    embedding: Vectors | None = None

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.urls)


@dataclass(frozen=True)
class Area:
    """The documents that share a domain, a language or a cluster, in the whole corpus: how many, how many kept, and the reasons."""

    name: str
    count: int
    kept: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Areas:
    """The largest areas of one property, and all others as one: `others` says how many those are."""

    property: str
    areas: tuple[Area, ...]
    others: int = 0
    rest: Area | None = None
    estimated: bool = False


@dataclass(frozen=True)
class SignalFacts:
    """What the page says of a signal."""

    unit: str
    definition: str


@dataclass(frozen=True)
class Corpus:
    """All that the explorer knows of a root: what it is, the sample, and counts over the whole."""

    recipe: str
    dump: str
    root: str
    made: str
    strata: tuple[Stratum, ...]
    points: Points
    areas: tuple[Areas, ...]
    stages: tuple[tuple[str, str], ...]  # names and titles, in order
    rules: Mapping[str, str] = field(default_factory=dict)  # by reason: what the rule keeps
    meanings: Mapping[str, str] = field(default_factory=dict)  # by reason
    signals: Mapping[str, SignalFacts] = field(default_factory=dict)
    report: bool = False  # whether report.html lies beside the page
